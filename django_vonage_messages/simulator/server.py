"""HTTP server of the simulated API, with one thread for each connection."""

import contextlib
import json
import logging
import re
import select
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

from django_vonage_messages.simulator.endpoints import Request
from django_vonage_messages.simulator.responses import ApiResponse

logger = logging.getLogger("django_vonage_messages.simulator")

LARGEST_BODY: Final = 1024 * 1024
IDLE_TIMEOUT: Final = 75.0
_TICK: Final = 0.05


class Server(ThreadingHTTPServer):
    """HTTP server of the simulated API."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        respond: Callable[[Request], ApiResponse],
        busy: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.respond = respond
        self.busy = busy
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.02,), name="vonage-simulator-http"
        )

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # the client has closed it already
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def server_bind(self) -> None:
        # Skip HTTPServer.server_bind(): its reverse DNS look-up can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        error = sys.exception()
        # No log line if the client has closed the connection.
        if not isinstance(error, ConnectionError | TimeoutError):
            logger.error("A request to the simulator failed.", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "VonageSimulator"
    sys_version = ""
    timeout = IDLE_TIMEOUT
    wbufsize = -1  # send the head and the body together
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # every HTTP method, so that the API can answer 405
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        pass  # the recorder logs each request, without private data

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        server = cast("Server", self.server)
        with server.busy():  # wait_until_idle() does not wait for late responses
            response = server.respond(self._request(body))
            if response.is_immediate:
                self._write(response)
        if not response.is_immediate:
            self._write_later(response, server.closing)

    def _request(self, body: bytes) -> Request:
        return Request(
            method=self.command,
            path=self.path,
            authorization=self.headers.get_all("Authorization", []),
            content_type=self.headers.get("Content-Type", ""),
            body=body,
        )

    def _read_body(self) -> bytes | None:
        length = self._content_length()
        if length is None or length > LARGEST_BODY:
            self.send_error(411 if length is None else 413)  # this also closes the connection
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return None
        return body

    def _content_length(self) -> int | None:
        value = self.headers.get("Content-Length", "" if self.command == "POST" else "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,18}", value):
            return None
        return int(value)

    def _write_later(self, response: ApiResponse, closing: threading.Event) -> None:
        if response.write_mode == "never":
            self._stay_silent(closing)
        elif response.write_mode == "cut off" or not _wait_until_due(response, closing):
            self.close_connection = True
        else:
            self._write(response)

    def _stay_silent(self, closing: threading.Event) -> None:
        self.close_connection = True
        while not closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], _TICK)
            if readable:  # the client has closed the connection, or sends another request
                return

    def _write(self, response: ApiResponse) -> None:
        try:
            self._send(response)
        finally:
            if response.after_write is not None:
                response.after_write()

    def _send(self, response: ApiResponse) -> None:
        content = b"" if response.body is None else json.dumps(response.body).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            content = b""
        if response.write_mode == "dripped":
            self._drip(content, response.drip_seconds)
        else:
            self.wfile.write(content)
        self.wfile.flush()

    def _drip(self, content: bytes, seconds: float) -> None:
        closing = cast("Server", self.server).closing
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if closing.wait(seconds / len(content)):
                self.close_connection = True
                return


def _wait_until_due(response: ApiResponse, closing: threading.Event) -> bool:
    """Wait until it is time to send a response. Return False if the server closes."""
    if response.wait_for is None:
        return not closing.wait(response.delay)
    while not response.wait_for.wait(_TICK):
        if closing.is_set():
            return False
    return True
