"""HTTP server of this site, with static files, in threads of this process."""

import contextlib
import errno
import socket
import socketserver
import threading
from typing import Any, Final, Self

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import CommandError
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

HOST: Final = "127.0.0.1"
PORTS_TRIED: Final = 20


class Site(ThreadedWSGIServer):
    """Server of this site. It listens at once, and serves inside a ``with`` block.

    The end of the block waits for all threads.
    """

    daemon_threads = False

    def __init__(self, port: int) -> None:
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__((HOST, port), _Handler)
        self.set_app(StaticFilesHandler(get_wsgi_application()))
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="example-site-http"
        )

    @property
    def port(self) -> int:
        return self.server_port

    @property
    def url(self) -> str:
        """The URL of the site, without a trailing slash."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                # The thread of an idle connection waits for the next request: end it.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def server_bind(self) -> None:
        """Bind without the reverse DNS look-up of http.server, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name it overrides
        """Print no requests: the terminal shows the story. Django logs errors."""


def open_site(port: int) -> Site:
    """Listen on ``port`` (0: any free port) or the next free port. Raises CommandError."""
    last = min(port + PORTS_TRIED, 65536)
    for candidate in range(port, last):
        try:
            return Site(candidate)
        except OSError as exc:
            if exc.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
    raise CommandError(f"No port from {port} to {last - 1} is free. Choose another --port.")
