"""An HTTP server on loopback with a scripted reaction to each request."""

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

UUID = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"

Play = Callable[[socket.socket, threading.Event], bool]
"""The reaction to a request, given the socket and an event that is set when the server stops. It
returns whether the connection stays open."""


@dataclass(frozen=True)
class Received:
    """A request; ``connection`` counts from 1."""

    connection: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(
    status: int = 202,
    body: Any = None,
    headers: tuple[str, ...] = (),
    *,
    delay: float = 0,
    keep: bool = True,
) -> Play:
    """Answer in HTTP/1.1 with bytes or with an object as JSON (by default the sample response)."""
    content = body if isinstance(body, bytes) else json.dumps(body or {"message_uuid": UUID})
    raw = content if isinstance(content, bytes) else content.encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", *headers, "", ""]

    def play(sock: socket.socket, stopped: threading.Event) -> bool:
        stopped.wait(delay)
        sock.sendall("\r\n".join(lines).encode() + raw)
        return keep

    return play


def drip(data: bytes, pause: float, size: int = 10) -> Play:
    """Send ``data`` in pieces of ``size`` bytes, with ``pause`` seconds after each."""

    def play(sock: socket.socket, stopped: threading.Event) -> bool:
        for start in range(0, len(data), size):
            sock.sendall(data[start : start + size])
            if stopped.wait(pause):
                break
        return False

    return play


def send_bytes(data: bytes) -> Play:
    """Send ``data`` unchanged, then close."""
    return drip(data, 0, len(data) or 1)


def hang_up(sock: socket.socket, stopped: threading.Event) -> bool:
    """Close without a response."""
    return False


def reset(sock: socket.socket, stopped: threading.Event) -> bool:
    """Close with an RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def hang(sock: socket.socket, stopped: threading.Event) -> bool:
    """Send nothing until the test ends."""
    stopped.wait(10)
    return False


class Server:
    """A server that plays ``script``, one reaction per request, and then accepts requests.

    If ``greeting`` is set, it is played on each new connection before any read; if it returns
    False, the connection is closed.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.script: deque[Play] = deque()
        self.received: list[Received] = []
        self.greeting: Play | None = None
        self.connections = 0
        self._tls = tls
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._stopped.set()
        with socket.socket() as waker:
            waker.connect(("127.0.0.1", self.port))
        self._threads[0].join()
        self._listener.close()
        self.close_clients()
        for thread in self._threads[1:]:
            thread.join()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def close_clients(self) -> None:
        """Close all connections, and give the client time to notice."""
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        time.sleep(0.02)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self._stopped.is_set():
                client.close()
                return
            self.connections += 1
            self._clients.append(client)
            thread = threading.Thread(target=self._serve, args=(client, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with suppress(OSError), client:
            if self.greeting is not None and not self.greeting(client, self._stopped):
                return
            with self._tls.wrap_socket(client, server_side=True) if self._tls else client as sock:
                self._talk(sock, number)

    def _talk(self, sock: socket.socket, number: int) -> None:
        reader = sock.makefile("rb")
        with reader:
            while request := _read_request(reader, number):
                self.received.append(request)
                play = self.script.popleft() if self.script else answer()
                if not play(sock, self._stopped):
                    return


def _read_request(reader: Any, connection: int) -> Received | None:
    method, _, rest = reader.readline().decode("latin-1").partition(" ")
    if not rest:
        return None
    headers = []
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
    body = reader.read(lengths[0]) if lengths else b""
    return Received(connection, method, rest.split(" ")[0], tuple(headers), body)
