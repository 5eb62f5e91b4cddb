"""The api backend makes one POST per attempt: pooling, redirects, cookies, proxies, forks."""

import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from django_vonage_messages.backends import OutgoingMessage, api, connections, credentials
from django_vonage_messages.backends.connections import close_session
from tests.backends.conftest import BASIC, MakeBackend, sms
from tests.backends.server import Server, answer, drip, hang_up, send_bytes

AUTHORIZATION = "Basic YWJjZDEyMzQ6YW4tYXBpLXNlY3JldA=="


def connections_used(server: Server) -> list[int]:
    """Return the connection number of each request."""
    return [request.connection for request in server.received]


# Pooling


@pytest.mark.parametrize("status", [202, 400, 429, 500])
def test_connection_is_reused_between_attempts(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, status: int
) -> None:
    for _ in range(3):
        server.script.append(answer(status))
        make_backend().send(message)
    assert connections_used(server) == [1, 1, 1]


def test_tls_connection_is_reused(
    tls_server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    for play in (answer(), answer(), hang_up):
        tls_server.script.append(play)
    reasons = [make_backend(base_url=tls_server.url).send(message).reason for _ in range(3)]
    assert reasons == ["", "", "unconfirmed"]
    assert connections_used(tls_server) == [1, 1, 1]


def test_connection_closed_by_the_server_is_replaced(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    backend = make_backend()
    assert backend.send(message).is_accepted
    server.close_clients()
    assert backend.send(message).is_accepted
    assert connections_used(server) == [1, 2]


def test_undetected_stale_connection_is_unconfirmed_and_not_retried(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = make_backend()
    backend.send(message)
    server.close_clients()
    with monkeypatch.context() as patch:
        patch.setattr("urllib3.connectionpool.is_connection_dropped", lambda conn: False)
        assert backend.send(message).reason == "unconfirmed"
    assert (connections_used(server), server.connections) == ([1], 1)
    assert backend.send(sms()).is_accepted


def test_request_on_a_reused_connection_is_posted_once(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    server.script.extend([answer(), hang_up])
    backend = make_backend()
    assert [backend.send(message).reason for _ in range(2)] == ["", "unconfirmed"]
    assert (connections_used(server), server.connections) == ([1, 1], 1)


@pytest.mark.parametrize("half_response", [b"HTTP/1.1 202 X\r\nContent-Length: 99\r\n\r\n{", b"HT"])
def test_broken_response_does_not_affect_the_next_attempt(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, half_response: bytes
) -> None:
    server.script.append(drip(half_response, 0.5, 1000))
    backend = make_backend(timeout=(0.5, 0.1))
    assert [backend.send(message).reason for _ in range(2)] == ["unconfirmed", ""]
    assert connections_used(server) == [1, 2]


@pytest.mark.parametrize(("idle", "expected"), [(19.0, [1, 1]), (21.0, [1, 2])])
def test_idle_connection_is_replaced(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
    idle: float,
    expected: list[int],
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    backend = make_backend()
    backend.send(message)
    clock[0] += idle
    assert backend.send(message).is_accepted
    assert connections_used(server) == expected


def test_new_connection_is_not_treated_as_idle(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MAX_IDLE", 0.0)
    for _ in range(2):
        assert make_backend().send(message).is_accepted
    assert connections_used(server) == [1, 2]


# Default behaviour of requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, status: int
) -> None:
    with Server() as target:
        location = f"Location: {target.url}/v0.1/messages/"
        server.script.append(answer(status, b"moved", (location,)))
        assert make_backend().send(message).reason == "unconfirmed"
        assert (len(server.received), target.connections) == (1, 0)


@pytest.mark.parametrize("location", ["http://[", "", "//", "\x01", "ftp://x", "/v0.1/messages"])
def test_redirect_to_any_location_is_unconfirmed(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage, location: str
) -> None:
    server.script.append(answer(307, b"", (f"Location: {location}",)))
    assert make_backend().send(message).reason == "unconfirmed"
    assert len(server.received) == 1


def test_body_of_a_redirect_is_not_read(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    head = b"HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 1000000000\r\n\r\n"
    sent: list[int] = []

    def endless(sock: socket.socket, stopped: threading.Event) -> bool:
        sock.sendall(head)
        while len(sent) < 1000:
            sent.append(sock.send(b"x" * 100_000))
        return False

    server.script.append(endless)
    assert make_backend().send(message).reason == "unconfirmed"
    assert sum(sent) < 50_000_000


def test_netrc_does_not_replace_our_credentials(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    pem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stranger password else\ndefault login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    make_backend().send(message)
    make_backend({"APPLICATION_ID": "app", "PRIVATE_KEY": pem}).send(message)
    basic, jwt = (request.values("Authorization") for request in server.received)
    assert basic == [AUTHORIZATION]
    assert [value.split()[0] for value in jwt] == ["Bearer"]


def test_cookies_are_not_kept(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    cookie = ("Set-Cookie: session=1; Path=/", "Set-Cookie: other=2; Max-Age=1000")
    server.script.append(answer(202, headers=cookie))
    for _ in range(2):
        make_backend().send(message)
    assert [request.values("Cookie") for request in server.received] == [[], []]


# Proxies of the environment


def test_proxy_of_the_environment_is_used(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api, "_NO_PROXIES", None)  # as for a base_url on another machine
    monkeypatch.setenv("http_proxy", server.url)
    backend = make_backend(base_url="http://127.0.0.1:1")
    server.script.extend([answer(), answer(), hang_up])
    reasons = [backend.send(message).reason for _ in range(3)]
    assert reasons == ["", "", "unconfirmed"]
    assert server.received[0].target == "http://127.0.0.1:1/v0.1/messages/"
    assert connections_used(server) == [1, 1, 1]


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_request_to_a_simulator_on_this_machine_uses_no_proxy(
    variable: str,
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert make_backend().send(message).is_accepted
    assert server.received[0].target == "/v0.1/messages/"


def test_proxy_that_refuses_the_tunnel_is_not_sent(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    server.script.append(send_bytes(b"HTTP/1.1 403 Forbidden\r\n\r\n"))
    assert make_backend(base_url="https://vonage.invalid").send(message).reason == "not_sent"
    (request,) = server.received
    assert (request.method, request.target, request.body) == ("CONNECT", "vonage.invalid:443", b"")
    assert request.values("Authorization") == []


def test_socks_proxy_that_is_down_is_not_sent(
    make_backend: MakeBackend, message: OutgoingMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("https_proxy", f"socks5h://127.0.0.1:{port}")
    outcome = make_backend(base_url="https://vonage.invalid").send(message)
    assert outcome.reason == "not_sent"


def test_a_socks_proxy_is_used(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def socks(sock: socket.socket, stopped: threading.Event) -> bool:
        sock.recv(3)  # version, one method: none
        sock.sendall(b"\x05\x00")
        sock.recv(100)  # connect to …
        sock.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
        return True

    server.greeting = socks
    server.script.extend([answer(), hang_up])
    monkeypatch.setattr(api, "_NO_PROXIES", None)  # as for a base_url on another machine
    monkeypatch.setenv("http_proxy", f"socks5h://127.0.0.1:{server.port}")
    backend = make_backend(base_url="http://127.0.0.1:1")
    reasons = [backend.send(message).reason for _ in range(2)]
    assert reasons == ["", "unconfirmed"]
    assert server.received[0].target == "/v0.1/messages/"


# Threads and processes


def test_sixteen_threads_share_the_session_and_the_token(
    server: Server, make_backend: MakeBackend, pem: str
) -> None:
    config = {"APPLICATION_ID": "app", "PRIVATE_KEY": pem}
    start = threading.Barrier(16)

    def send(number: int) -> list[str]:
        start.wait(5)
        bodies = [{"client_ref": f"{number}-{turn}"} for turn in range(5)]
        backends = [make_backend(config, timeout=(5, 5)) for _ in bodies]
        return [
            backend.send(sms(**body)).reason for backend, body in zip(backends, bodies, strict=True)
        ]

    with ThreadPoolExecutor(16) as pool:
        reasons = [reason for found in pool.map(send, range(16)) for reason in found]

    assert reasons == [""] * 80
    refs = [request.json["client_ref"] for request in server.received]
    assert sorted(refs) == sorted(f"{number}-{turn}" for number in range(16) for turn in range(5))
    assert len({request.values("Authorization")[0] for request in server.received}) == 1
    assert server.connections <= 16


def test_sent_bytes_are_tracked_for_each_thread(
    server: Server,
    make_backend: MakeBackend,
    message: OutgoingMessage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One attempt sends bytes while a later attempt is still in its DNS lookup."""
    resolve, looking_up, broken_off = socket.getaddrinfo, threading.Event(), threading.Event()

    def lookup(host: str, *args: Any) -> Any:
        if host == "vonage.invalid":
            looking_up.set()
            broken_off.wait(5)
            raise socket.gaierror(-2, "Name or service not known")
        looking_up.wait(5)
        return resolve("127.0.0.1", *args)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    server.script.append(hang_up)
    with ThreadPoolExecutor(2) as pool:
        breaks = make_backend(base_url=f"http://localhost:{server.port}", timeout=5)
        first = pool.submit(breaks.send, message)
        second = pool.submit(make_backend(base_url="https://vonage.invalid").send, message)
        assert first.result(10).reason == "unconfirmed"
        broken_off.set()
        assert second.result(10).reason == "not_sent"


def test_idle_session_can_be_closed(
    server: Server, make_backend: MakeBackend, message: OutgoingMessage
) -> None:
    backend = make_backend()
    backend.send(message)
    close_session()
    close_session()
    assert backend.send(message).is_accepted
    assert connections_used(server) == [1, 2]


FORK = """
    import json, os, sys, threading
    from django.conf import settings
    settings.configure()
    from django_vonage_messages.backends import OutgoingMessage, connections, credentials
    from django_vonage_messages.backends.api import ApiBackend
    from django_vonage_messages.conf import Account

    account = Account("default", json.loads(sys.argv[1]))

    def send(who):
        message = OutgoingMessage("ref", "sms", "447700900000", "447700900001", "t", {"who": who})
        return ApiBackend(account).send(message).reason

    assert send("parent") == ""

    held, forked = threading.Event(), threading.Event()

    def hold():
        with connections._lock, credentials._lock:
            held.set()
            forked.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    child = os.fork()
    if child == 0:
        os._exit(0 if send("child") == "" else 1)
    forked.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    assert send("parent again") == ""
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("auth", ["basic", "jwt"])
def test_forked_child_uses_no_sockets_or_locks_of_its_parent(
    server: Server, pem: str, auth: str
) -> None:
    own: dict[str, Any] = {"APPLICATION_ID": "app", "PRIVATE_KEY": pem} if auth == "jwt" else BASIC
    config = own | {"OPTIONS": {"base_url": server.url, "timeout": 2}}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(FORK), json.dumps(config)],
        timeout=20,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sent = {request.json["who"]: request.connection for request in server.received}
    assert list(sent) == ["parent", "child", "parent again"]
    assert sent["parent"] == sent["parent again"] != sent["child"]


def test_each_module_has_one_lock_to_replace_in_a_child() -> None:
    locks = [
        name
        for module in (connections, credentials)
        for name, value in vars(module).items()
        if isinstance(value, type(threading.Lock()))
    ]
    assert locks == ["_lock", "_lock"]
