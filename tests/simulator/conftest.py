import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import requests

from django_vonage_messages.simulator import Simulator
from tests.simulator.receiver import Receiver


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def site() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def simulator(site: Receiver) -> Iterator[Simulator]:
    with Simulator(
        status_url=f"{site.url}/message-status",
        inbound_url=f"{site.url}/inbound-message",
        time_scale=0.01,
    ) as running:
        yield running


def sms(to: Any = "447700900000", sender: str = "447700900001", **changes: Any) -> dict[str, Any]:
    """Return the example request of the reference, with changes."""
    return {
        "client_ref": "client-ref2",
        "to": {"type": "sms", "number": to},
        "from": {"type": "sms", "number": sender},
        "message": {"content": {"type": "text", "text": "Hello From Vonage!"}},
    } | changes


Post = Callable[..., requests.Response]


def send(
    simulator: Simulator, body: Any = None, path: str = "/v0.1/messages/", **kwargs: Any
) -> requests.Response:
    """Send a request, by default with valid Basic credentials."""
    if "data" not in kwargs:
        kwargs["json"] = sms() if body is None else body
    kwargs.setdefault("auth", (simulator.api_key, simulator.api_secret))
    kwargs.setdefault("timeout", 5)
    method = kwargs.pop("method", "POST")
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, simulator.base_url + path, **kwargs)


@pytest.fixture
def post(simulator: Simulator) -> Post:
    return partial(send, simulator)
