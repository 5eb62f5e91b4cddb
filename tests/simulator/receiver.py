"""A site on loopback that accepts webhooks and verifies their signatures with its own code."""

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Delivery:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def token(self) -> str:
        scheme, _, token = self.headers["Authorization"].partition(" ")
        assert scheme == "Bearer"
        return token

    def claims(self, secret: str) -> dict[str, Any]:
        """Return the claims, after checking the signature and the hash of the body."""
        head, payload, signature = self.token.split(".")
        digest = hmac.digest(secret.encode(), f"{head}.{payload}".encode(), "sha256")
        assert hmac.compare_digest(digest, _decode(signature))
        assert json.loads(_decode(head))["alg"] == "HS256"
        claims: dict[str, Any] = json.loads(_decode(payload))
        assert claims["payload_hash"] == hashlib.sha256(self.body).hexdigest()
        return claims


def _decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class Receiver:
    """A server that answers each delivery with the next of ``answers``, after ``pause`` seconds."""

    def __init__(self, *answers: int, pause: float = 0.0) -> None:
        self.deliveries: list[Delivery] = []
        self.answers = list(answers or (200,))
        self.headers: dict[str, str] = {}
        self.pause = pause
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/webhooks"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append(Delivery(self.path, dict(self.headers), body))
                time.sleep(receiver.pause)
                more = len(receiver.answers) > 1
                self.send_response(receiver.answers.pop(0) if more else receiver.answers[0])
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
