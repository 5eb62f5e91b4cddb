"""Verified bodies that cannot be applied are stored unchanged and answered 200."""

import copy
import json

import pytest
from django.db import transaction

from django_vonage_messages.models import Message, UnprocessedWebhook
from tests.webhooks.reference_bodies import INBOUND, STATUS

pytestmark = pytest.mark.django_db
JUNK = [
    None, True, 0, -1, 1.5, 10**18, 10**4000, 1e308, "", " ", "0", "\0", "\ud800", "é" * 200,
    "9" * 5000, "NaN", "1e999999", [], [1], {}, {"type": {}}, [[[]]], {"": ""}, {"\0": "\udfff"},
]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{}",
        b"{",
        b'{"message_uuid": "a"}',
        b'{"status": "delivered"}',
        b'{"status": NaN}',
        b'{"status": Infinity}',
        b'{"status": 1e999}',
        b"NaN",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b'{"status": "\xff"}',
        STATUS.decode().encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' * 30 + b"1" + b"}" * 30,
        b'{"status": ' + b"9" * 5000 + b"}",
        b"message_uuid=a&status=delivered",
        STATUS.replace(b"aaaaaaaa", b"a" * 60),
        INBOUND.replace(b'"447700900001"', b'""'),
        INBOUND.replace(b"447700900001", b"4" * 51),
        INBOUND.replace(b'"sms"', b'"pigeon"'),
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("path", ["message-status", "inbound-message"])
def test_unusable_body_is_stored_byte_for_byte(post_webhook, stored, body, path):
    for deliveries in (1, 2):
        response = post_webhook(path, body)

        assert (response.status_code, response.json()) == (200, {"result": "stored"})
        webhook = UnprocessedWebhook.objects.get()
        assert bytes(webhook.body) == body
        assert (webhook.reason, webhook.deliveries) == ("unusable", deliveries)
        assert (webhook.accounts, webhook.account) == (["default"], "default")
        assert webhook.processed_at is None
        assert stored() == (1, 0, 0)


def _paths(value, path=()):
    """Yield the path of each member of an object, at any depth."""
    for key, member in value.items():
        yield (*path, key)
        if isinstance(member, dict):
            yield from _paths(member, (*path, key))


def _replaced(sample, path, junk):
    body = copy.deepcopy(sample)
    node = body
    for key in path[:-1]:
        node = node[key]
    if junk is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = junk
    return json.dumps(body).encode()


def _with_each_field_of_a_wrong_type():
    for sample in (json.loads(STATUS), json.loads(INBOUND)):
        for path in _paths(sample):
            for junk in (*JUNK, ...):
                yield path, _replaced(sample, path, junk)


@pytest.mark.slow
def test_body_with_a_wrong_type_in_any_field_is_applied_or_stored_once(
    post_webhook, message, stored
):
    Message.objects.filter(pk=message.pk).update(message_uuid=json.loads(STATUS)["message_uuid"])
    for path, body in _with_each_field_of_a_wrong_type():
        with transaction.atomic():
            response = post_webhook("message-status", body)
            assert response.status_code == 200, (path, body[:2000])
            assert response.json()["result"] in {"applied", "stored"}, (path, body[:2000])
            assert sum(stored()) == 1, (path, body[:2000])
            transaction.set_rollback(True)


@pytest.mark.parametrize("field", ["to", "from", "timestamp", "error", "usage", "client_ref"])
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_status_is_applied_with_junk_in_other_fields(post_webhook, message, field, junk):
    sample = json.loads(STATUS) | {"message_uuid": message.message_uuid}
    response = post_webhook("message-status", _replaced(sample, (field,), junk))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    message.refresh_from_db()
    assert message.status == "delivered"


def test_unstorable_characters_are_replaced(post_webhook, inbound_body, message, status_body):
    strange = {"\0": ["\ud800", "\udfff\0"]}
    post_webhook("inbound-message", inbound_body("a\0b\ud800", extra=strange))
    post_webhook("message-status", status_body(message, "de\0livered", extra=strange))

    inbound = Message.objects.inbound().get()
    assert inbound.text == inbound.conversation.last_message_preview == "a\ufffdb\ufffd"
    assert inbound.payload["extra"] == {"\ufffd": ["\ufffd", "\ufffd\ufffd"]}
    event = message.events.last()
    assert event.status == "de\ufffdlivered"
    assert event.payload["extra"] == inbound.payload["extra"]


@pytest.mark.parametrize(
    ("price", "stored_price", "as_received"),
    [
        ("0.0333", "0.0333", "0.0333"),
        ("0.03330", "0.0333", "0.03330"),
        (0, "0", "0"),
        ("-1", "-1", "-1"),
        ("1E2", "100", "1E2"),
        ("999999999.9999999999", "999999999.9999999999", "999999999.9999999999"),
        ("999999999.99999999999", None, "999999999.99999999999"),
        ("1000000000", None, "1000000000"),
        ("1e-99999999", "0", "1e-99999999"),
        ("1e99999999", None, "1e99999999"),
        ("NaN", None, "NaN"),
        ("sNaN", None, "sNaN"),
        ("-Infinity", None, "-Infinity"),
        ("free", None, "free"),
        ("9" * 5000, None, "9" * 40),
        (0.0333, "0.0333", "0.0333"),
        (1e22, None, "1e+22"),
        (None, None, ""),
    ],
)
def test_price_is_stored_as_received_and_as_a_decimal(
    post_webhook, message, status_body, price, stored_price, as_received
):
    usage = {"currency": "EUR", "price": price}
    post_webhook("message-status", status_body(message, "delivered", usage=usage))
    message.refresh_from_db()
    assert message.status == "delivered"
    assert (None if message.price is None else float(message.price)) == (
        None if stored_price is None else float(stored_price)
    )
    assert message.price_as_received == as_received
