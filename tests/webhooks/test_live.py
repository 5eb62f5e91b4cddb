"""Over real sockets, as Vonage calls: threads, chunks, no redirects."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from django_vonage_messages.models import Message
from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.webhooks.samples import INBOUND
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
def test_a_webhook_is_taken(post, path, stored):
    response = post(path, INBOUND, bearer(INBOUND))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert stored() == (0, 1, 0)


def test_refusals(post, stored):
    assert post("message-status", INBOUND).status_code == 503
    response = post("message-status", INBOUND, {"Authorization": "Basic x"})
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert stored() == (0, 0, 0)


def test_a_body_that_is_too_large(post, stored):
    body = b" " * (BODY_LIMIT + 1)
    assert post("message-status", body, bearer(body)).status_code == 413
    assert stored() == (0, 0, 0)


def test_a_chunked_body_is_never_taken_for_an_empty_one(post, stored):
    response = post("inbound-message", iter([INBOUND[:9], INBOUND[9:]]), bearer(INBOUND))
    assert response.status_code == 503
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_look_at_the_url(live_server, method):
    for path in ("message-status", "inbound-message/"):
        url = f"{live_server.url}/webhooks/{path}"
        assert requests.request(method, url, timeout=30, allow_redirects=False).status_code == 200


def test_deliveries_at_the_same_moment_are_one_message(post, stored):
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: post("inbound-message", INBOUND, bearer(INBOUND)), range(8))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert Counter(answer.json()["result"] for answer in answers) == {"applied": 1, "duplicate": 7}
    assert stored() == (0, 1, 0)
    assert Message.objects.get().conversation.unread_count == 1


def test_statuses_at_the_same_moment_are_one_event_each(post, message, status_body, stored):
    words = ["submitted", "delivered"] * 4
    bodies = [json.dumps(status_body(message, word)).encode() for word in words]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: post("message-status", body, bearer(body)), bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert Counter(answer.json()["result"] for answer in answers) == {"applied": 2, "duplicate": 6}
    message.refresh_from_db()
    assert (message.status, stored()) == ("delivered", (0, 0, 2))


def test_unknown_statuses_at_the_same_moment_are_kept_once(post, stored):
    body = b'{"message_uuid": "of-nobody", "status": "delivered"}'
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post("message-status", body, bearer(body)), range(8)))
    assert [answer.json() for answer in answers] == [{"result": "stored"}] * 8
    assert stored() == (1, 0, 0)
