"""Outcome of the api backend for each end of an attempt. The backend never raises."""

import gzip
import json
import socket
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_vonage_messages.backends import OutgoingMessage
from tests.backends.conftest import MakeBackend
from tests.backends.server import (
    UUID,
    Play,
    Server,
    answer,
    drip,
    hang,
    hang_up,
    reset,
    send_bytes,
)

ACCEPTED = json.dumps({"message_uuid": UUID}).encode()
HEAD = b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n" % len(ACCEPTED)
ERROR = {
    "type": "https://www.nexmo.com/messages/Errors#InvalidParams",
    "title": "Invalid Parameters",
    "detail": "Your request parameters did not validate.",
    "instance": "f94b4e8d0c5b4a0f8f3b2f1e0d9c8b7a",
}
THROTTLED = ERROR | {"type": "https://developer.vonage.com/api-errors/messages#1000"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# Not sent: no byte of the request left.


def test_a_refused_connection_is_not_sent(
    make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    outcome = make_backend(base_url=f"http://127.0.0.1:{free_port()}").send(message)
    assert outcome.reason == "not_sent"
    assert outcome.error.title == "No connection could be made"


@pytest.mark.parametrize("host", ["vonage.invalid", "a" * 70 + ".invalid", "a..b", "xn--a"])
def test_a_failed_name_lookup_is_not_sent(
    make_backend: MakeBackend, message: OutgoingMessage, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def fail(*args: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fail)
        assert make_backend(base_url=f"https://{host}").send(message).reason == "not_sent"


def test_a_failed_tls_handshake_is_not_sent(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    backend = make_backend(base_url=f"https://127.0.0.1:{server.port}")
    server.greeting = send_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert backend.send(message).reason == "not_sent"
    assert (server.connections, server.received) == (1, [])


def test_hanging_tls_handshake_is_not_sent(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    server.greeting = hang
    backend = make_backend(base_url=f"https://127.0.0.1:{server.port}", timeout=(0.1, 0.1))
    assert backend.send(message).reason == "not_sent"


def test_an_untrusted_certificate_is_not_sent(
    tls_server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    assert make_backend(base_url=tls_server.url).send(message).reason == "not_sent"
    assert tls_server.received == []


def test_a_connect_timeout_is_not_sent(make_backend: MakeBackend, message: OutgoingMessage) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for sock in waiting:
                sock.setblocking(False)
                sock.connect_ex(address)
            with socket.socket() as probe:
                probe.settimeout(0.1)
                if probe.connect_ex(address) == 0:
                    pytest.skip("This system's backlog cannot be filled.")
            backend = make_backend(base_url=f"http://127.0.0.1:{address[1]}", timeout=(0.1, 1))
            assert backend.send(message).reason == "not_sent"
        finally:
            for sock in waiting:
                sock.close()


# Unconfirmed: bytes left, and there is no valid response.


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(hang, id="no answer in time"),
        pytest.param(hang_up, id="closed without an answer"),
        pytest.param(reset, id="reset"),
        pytest.param(send_bytes(b"HTTP/1.1 202 Acc"), id="cut in the status line"),
        pytest.param(send_bytes(HEAD[:-10]), id="cut in the headers"),
        pytest.param(send_bytes(HEAD + b"\r\n" + ACCEPTED[:20]), id="cut in the body"),
        pytest.param(send_bytes(b"SSH-2.0-OpenSSH_9.9\r\n"), id="not HTTP"),
        pytest.param(send_bytes(b"HTTP/1.1 abc X\r\n\r\n"), id="a status that is no number"),
        pytest.param(send_bytes(b"HTTP/1.1 202 X\r\n" + b"A: b\r\n" * 200), id="too many headers"),
        pytest.param(send_bytes(b"HTTP/1.1 202 X\r\nA:" + b"b" * 70_000), id="a header too long"),
        pytest.param(
            send_bytes(b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            id="a chunk without a size",
        ),
        pytest.param(drip(HEAD + b"\r\n" + ACCEPTED, 0.4), id="a pause longer than the time-out"),
        pytest.param(answer(delay=0.4), id="an answer too late"),
        pytest.param(answer(202, b""), id="no body"),
        pytest.param(answer(202, b"{"), id="broken JSON"),
        pytest.param(answer(202, b"\xff\xfe\xfd"), id="no text"),
        pytest.param(answer(202, b"<html>Accepted</html>"), id="HTML"),
        pytest.param(answer(202, b"null"), id="null"),
        pytest.param(answer(202, {"message_uuid": None}), id="a null uuid"),
        pytest.param(answer(202, {"message_uuid": ""}), id="an empty uuid"),
        pytest.param(answer(200, {"status": "ok"}), id="200 without a uuid"),
        pytest.param(answer(204, b""), id="204"),
        pytest.param(answer(202, b"x", ("Content-Encoding: gzip",)), id="broken gzip"),
        pytest.param(answer(304, b""), id="304"),
        pytest.param(answer(500, ERROR), id="500"),
        pytest.param(answer(500, {"message_uuid": UUID}), id="500 with a uuid"),
        pytest.param(answer(502, b"<html>Bad Gateway</html>"), id="502"),
        pytest.param(answer(503, ERROR, ("Retry-After: 1",)), id="503"),
        pytest.param(answer(599, THROTTLED), id="599"),
    ],
)
def test_attempt_without_a_valid_response_is_unconfirmed(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, play: Play
) -> None:
    server.script.append(play)
    outcome = make_backend(timeout=(0.5, 0.2)).send(message)

    assert (outcome.reason, outcome.message_uuid) == ("unconfirmed", "")
    assert outcome.error
    assert len(server.received) == 1  # no second POST


@pytest.mark.parametrize("play", [hang_up, reset])
def test_connection_closed_before_the_request_was_read_is_unconfirmed(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, play: Play
) -> None:
    # A moment later: an RST during the handshake of TCP would be a refused connection.
    server.greeting = lambda sock, stopped: stopped.wait(0.05) or play(sock, stopped)
    assert make_backend().send(message).reason == "unconfirmed"
    assert server.connections == 1


def test_huge_response_is_not_read(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    backend = make_backend()
    for body in (b"[" * 8_000_000, b'{"detail": "' + b"x" * 8_000_000):
        server.script.append(answer(202, body))
        assert backend.send(message).reason == "unconfirmed"
    assert backend.send(message).is_accepted
    assert [request.connection for request in server.received] == [1, 2, 3]


def test_a_gzip_bomb_is_not_inflated(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)
    server.script.append(answer(202, bomb, ("Content-Encoding: gzip",)))
    started = time.perf_counter()
    assert make_backend(timeout=(2, 2)).send(message).reason == "unconfirmed"
    assert time.perf_counter() - started < 1


# Certain outcomes


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_2xx_with_a_uuid_is_accepted(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, status: int
) -> None:
    server.script.append(answer(status, {"message_uuid": UUID, "workflow_id": "later"}))
    outcome = make_backend().send(message)
    assert (outcome.reason, outcome.message_uuid) == ("", UUID)
    assert not outcome.error


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(drip(HEAD + b"\r\n" + ACCEPTED, 0.01), id="dripping"),
        pytest.param(
            answer(202, gzip.compress(ACCEPTED), ("Content-Encoding: gzip",)), id="compressed"
        ),
        pytest.param(
            send_bytes(
                b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
                % (len(ACCEPTED), ACCEPTED)
            ),
            id="chunked",
        ),
        pytest.param(send_bytes(b"HTTP/1.0 202 X\r\n\r\n" + ACCEPTED), id="until the end"),
        pytest.param(
            send_bytes(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + ACCEPTED), id="after 100"
        ),
        pytest.param(answer(202, ACCEPTED, ("Content-Type: text/plain",)), id="another type"),
    ],
)
def test_every_http_form_of_an_acceptance_is_accepted(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, play: Play
) -> None:
    server.script.append(play)
    outcome = make_backend().send(message)
    assert (outcome.reason, outcome.message_uuid) == ("", UUID)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_4xx_is_rejected_with_the_error_of_the_api(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, status: int
) -> None:
    server.script.append(answer(status, ERROR))
    outcome = make_backend().send(message)
    assert outcome.reason == "rejected"
    assert outcome.error.code == "InvalidParams"
    assert outcome.error.title == ERROR["title"]
    assert outcome.error.detail == ERROR["detail"]
    assert outcome.error.instance == ERROR["instance"]


@pytest.mark.parametrize("body", [b"", b"<html>No</html>", b"[]", b"\xff"])
def test_4xx_without_an_error_is_rejected_with_its_status_code(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, body: bytes
) -> None:
    server.script.append(answer(403, body))
    outcome = make_backend().send(message)
    assert (outcome.reason, outcome.error.title) == ("rejected", "HTTP 403")


@pytest.mark.parametrize(
    ("status", "body", "headers", "retry_after"),
    [
        (429, THROTTLED, (), None),
        (429, THROTTLED, ("Retry-After: 7",), 7.0),
        (429, b"", ("Retry-After: 0",), 0.0),
        (429, b"", ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT",), None),
        (429, b"", ("Retry-After: -1",), None),
        (429, b"", ("Retry-After: 99999999999",), 99_999_999_999.0),
        (420, THROTTLED, ("Retry-After: 3",), 3.0),
        (400, THROTTLED, (), None),
    ],
)
def test_throttled_response_carries_retry_after(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    status: int,
    body: Any,
    headers: tuple[str, ...],
    retry_after: float | None,
) -> None:
    server.script.append(answer(status, body, headers))
    outcome = make_backend().send(message)
    assert (outcome.reason, outcome.retry_after) == ("throttled", retry_after)
    assert len(server.received) == 1


def test_backend_never_raises_for_any_response_bytes(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    backend = make_backend()
    lines = st.lists(st.binary(max_size=20) | st.sampled_from(LINES), max_size=8)

    @settings(max_examples=60)
    @given(st.sampled_from([b"", b"HTTP/1.1 202 X\r\n", b"HTTP/1.1 400 X\r\n"]), lines)
    def check(status_line: bytes, following: list[bytes]) -> None:
        before = len(server.received)
        server.script.append(send_bytes(status_line + b"\r\n".join(following)))
        outcome = backend.send(message)
        assert outcome.reason in {"", "rejected", "unconfirmed"}
        assert not outcome.is_accepted or outcome.message_uuid == UUID
        assert len(server.received) == before + 1

    check()


LINES = [
    b"",
    b"Content-Length: 55",
    b"Content-Length: -1",
    b"Content-Length: x, y",
    b"Transfer-Encoding: chunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: br, zstd, deflate",
    b"Location: http://[",
    b"Set-Cookie: a=b; Domain=[",
    b"Connection: close",
    b" folded",
    b"\xff: \xff",
    b"HTTP/1.1 100 Continue",
    b"5",
    b"0",
    ACCEPTED,
]
