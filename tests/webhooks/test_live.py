"""Webhooks over real sockets: concurrent requests, chunked bodies, no redirects."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from django_vonage_messages.models import Message
from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(live_server):
    def post(path, body, headers=None):
        return requests.post(
            f"{live_server.url}/webhooks/{path}",
            data=body,
            headers={"Content-Type": "application/json"} | (headers or {}),
            timeout=30,
            allow_redirects=False,
        )

    return post


@pytest.mark.parametrize("path", ["inbound-message", "inbound-message/", "message-status"])
def test_signed_webhook_is_applied(post, path, stored):
    response = post(path, INBOUND, bearer(INBOUND))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert stored() == (0, 1, 0)


def test_unsigned_webhook_is_refused(post, stored):
    assert post("message-status", INBOUND).status_code == 503
    assert post("message-status", INBOUND, {"Authorization": "Basic x"}).status_code == 503
    response = post("message-status", INBOUND, {"Authorization": "Bearer x"})
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert stored() == (0, 0, 0)


def test_body_over_the_limit_is_refused(post, stored):
    body = b" " * (BODY_LIMIT + 1)
    assert post("message-status", body, bearer(body)).status_code == 413
    assert stored() == (0, 0, 0)


def test_chunked_body_is_not_read_as_an_empty_body(post, stored):
    response = post("inbound-message", iter([INBOUND[:9], INBOUND[9:]]), bearer(INBOUND))
    assert (response.status_code, response.json()["reason"]) == (503, "no_length")
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("method", ["get", "head"])
def test_get_request_returns_200(live_server, method):
    for path in ("message-status", "inbound-message/"):
        url = f"{live_server.url}/webhooks/{path}"
        assert requests.request(method, url, timeout=30, allow_redirects=False).status_code == 200


def test_concurrent_deliveries_are_one_message(post, stored):
    with ThreadPoolExecutor(8) as pool:
        responses = list(
            pool.map(lambda _: post("inbound-message", INBOUND, bearer(INBOUND)), range(8))
        )
    assert {response.status_code for response in responses} == {200}
    assert Counter(response.json()["result"] for response in responses) == {
        "applied": 1,
        "duplicate": 7,
    }
    assert stored() == (0, 1, 0)
    assert Message.objects.get().conversation.unread_count == 1


def test_concurrent_statuses_are_one_event_each(post, message, status_body, stored):
    statuses = ["submitted", "delivered"] * 4
    bodies = [json.dumps(status_body(message, status)).encode() for status in statuses]
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda body: post("message-status", body, bearer(body)), bodies))
    assert {response.status_code for response in responses} == {200}
    assert Counter(response.json()["result"] for response in responses) == {
        "applied": 2,
        "duplicate": 6,
    }
    message.refresh_from_db()
    assert (message.status, stored()) == ("delivered", (0, 0, 2))


def test_concurrent_unmatched_statuses_are_stored_once(post, stored):
    body = b'{"message_uuid": "of-nobody", "status": "delivered"}'
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: post("message-status", body, bearer(body)), range(8)))
    assert [response.json() for response in responses] == [{"result": "stored"}] * 8
    assert stored() == (1, 0, 0)
