"""The simulator as an HTTP server: connections, start and stop."""

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from django_vonage_messages.conf import Account
from django_vonage_messages.protocol.channels import get_channel
from django_vonage_messages.simulator import Simulator, number_for
from tests.simulator.bodies import ACCEPTED, CUSTOMS, SIDES, addressed, key_of, request
from tests.simulator.conftest import Post, send, sms
from tests.simulator.receiver import Receiver


def test_simulator_listens_on_loopback_only(simulator: Simulator) -> None:
    assert simulator.base_url.startswith("http://127.0.0.1:")


def test_connection_is_kept_alive(simulator: Simulator) -> None:
    place = urlsplit(simulator.base_url).netloc
    connection = http.client.HTTPConnection(place, timeout=5)
    body = json.dumps(sms())
    for _ in range(3):
        connection.request("POST", "/v0.1/messages/", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert (response.status, response.version) == (401, 11)
        response.read()
        open_socket = connection.sock
        assert open_socket is not None
    connection.close()


def test_simulator_stops_while_clients_keep_connections(site: Receiver) -> None:
    with requests.Session() as session:
        with Simulator() as simulator:
            session.get(simulator.base_url, timeout=5)
            base_url = simulator.base_url
        with pytest.raises(requests.ConnectionError):
            session.get(base_url, timeout=5)


def test_simulator_stops_during_a_slow_response() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Simulator() as simulator:
            future = pool.submit(send, simulator, sms(to=number_for("slow", 30)), timeout=60)
            while not simulator.accepted:
                threading.Event().wait(0.01)
        with pytest.raises(requests.ConnectionError):
            future.result(timeout=5)


def test_pending_webhooks_are_dropped_at_the_stop() -> None:
    with Receiver(503) as site, Simulator(status_url=site.url) as simulator:
        send(simulator)
    assert simulator.callbacks == []


def test_incomplete_request_breaks_nothing(post: Post, simulator: Simulator) -> None:
    place = urlsplit(simulator.base_url)
    assert place.hostname is not None
    for start in (b"", b"POST", b"POST /v0.1/messages/ HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"):
        with socket.create_connection((place.hostname, place.port or 0)) as connection:
            connection.sendall(start)
    assert post().status_code == 202


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Content-Length": "x"}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": str(2**21)}, 413),
    ],
)
def test_body_without_a_valid_length_is_refused(
    simulator: Simulator, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection(urlsplit(simulator.base_url).netloc, timeout=5)
    connection.putrequest("POST", "/v0.1/messages/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    with connection.getresponse() as response:
        assert response.status == status
        assert response.getheader("Connection") == "close"
    connection.close()


def test_concurrent_requests_are_all_accepted(simulator: Simulator, site: Receiver) -> None:
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(lambda _: send(simulator), range(64)))
    simulator.wait_until_idle()
    uuids = {response.json()["message_uuid"] for response in responses}
    assert len(uuids) == len(simulator.accepted) == 64
    assert len(simulator.callbacks) == len(site.deliveries) == 128


def test_slow_webhook_does_not_delay_others(simulator: Simulator) -> None:
    with Receiver(pause=0.3) as slow:
        simulator.status_url = slow.url
        send(simulator, sms(to=number_for("no_outcome")))
        while not slow.deliveries:
            threading.Event().wait(0.005)
        simulator.customer_sends("Hello")
        while not any(callback.kind == "inbound" for callback in simulator.callbacks):
            threading.Event().wait(0.005)
        assert simulator.callbacks[0].state == "pending"
        simulator.wait_until_idle()


def test_settings_are_those_of_an_account(simulator: Simulator) -> None:
    account = simulator.settings(AUTH="jwt", REGION="GB")
    assert account["BACKEND"] == "django_vonage_messages.backends.api.ApiBackend"
    assert account["API_VERSION"] == "v0.1"
    assert (account["AUTH"], account["REGION"]) == ("jwt", "GB")
    assert account["PRIVATE_KEY"].startswith("-----BEGIN PRIVATE KEY-----")
    assert account["SIGNATURE_SECRETS"] == [simulator.signature_secret]
    assert account["OPTIONS"] == {"base_url": simulator.base_url, "timeout": (3.05, 10)}
    assert simulator.settings()["AUTH"] == "basic"


def test_settings_contain_a_sender_for_every_channel(simulator: Simulator) -> None:
    account = Account("default", simulator.settings())
    for wire, (_to, from_) in SIDES.items():
        channel = get_channel(wire)
        assert channel is not None
        (sender,) = account.senders(channel)
        assert simulator.settings()["SENDERS"][channel.name] == sender
        response = send(simulator, request(wire, from_=from_ | {key_of(from_): sender}))
        assert response.status_code == 202


def test_invalid_use_raises_an_error() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = Simulator().base_url
    with pytest.raises(ValueError, match="time_scale"):
        Simulator(time_scale=-1)
    with Simulator() as running, pytest.raises(OSError, match="in use"):
        Simulator(port=urlsplit(running.base_url).port or 0).start()


def test_simulator_may_be_stopped_twice() -> None:
    simulator = Simulator().start()
    simulator.stop()
    simulator.stop()


SECRETS = ("4477009", "3363998", "01234567890", "a person", "Hello", "Oliver", "Daisy", "://exam")


def test_log_contains_no_number_or_text(
    post: Post, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "django_vonage_messages")
    post()
    post(sms(to=number_for("rejected", 1300)))
    post(sms() | {"447700900000": "Hello From Vonage!"})
    for body in (*ACCEPTED, *CUSTOMS, addressed("messenger", "a person")):
        post(body)
    simulator.customer_sends("Hello From Vonage!")
    simulator.wait_until_idle()
    records = (simulator.accepted, simulator.refused, simulator.callbacks)
    lines = [*caplog.messages, *map(repr, records)]
    assert any("rejected 1300" in line for line in lines)
    for line in lines:
        for secret in (*SECRETS, simulator.api_secret):
            assert secret not in line
