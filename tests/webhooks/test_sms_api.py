"""Webhooks in the format of the SMS API: refused with a reason that names Vonage's setting."""

from urllib.parse import urlencode

import pytest

from django_vonage_messages.models import WebhookRefusal
from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.spec import case
from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
CASE = case(
    "07-sms-api-get.json",
    {
        "path": "/webhooks/inbound-message",
        "query": {"messageId": "17", "msisdn": "447700900001", "text": "Open today?"},
    },
)
RECEIPT = "messageId=18&msisdn=447700900001&status=delivered"
"""A delivery receipt of the SMS API."""


@pytest.fixture
def errors(caplog):
    def read():
        return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]

    return read


def assert_refused(response):
    assert (response.status_code, response.json()["reason"]) == (503, "sms_api")
    assert "447700900001" not in response.content.decode()


def test_sms_in_a_get_request_is_refused_for_a_retry(client, stored, errors):
    for _ in range(3):
        assert_refused(client.get(CASE["path"], CASE["query"]))
    assert stored() == (0, 0, 0)
    assert list(WebhookRefusal.objects.values_list("reason", "count")) == [("sms_api", 1)]
    (error,) = errors()
    assert "choose “Messages API” instead of “SMS API”" in error
    assert CASE["query"]["text"] not in error


@pytest.mark.parametrize("path", ["message-status", "message-status/", "inbound-message/"])
def test_receipt_in_a_get_request_is_refused_for_a_retry(client, path):
    assert_refused(client.get(f"/webhooks/{path}?{RECEIPT}"))


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8"])
@pytest.mark.parametrize("form", [urlencode(CASE["query"]), RECEIPT])
def test_unsigned_form_of_the_sms_api_is_refused_with_its_reason(
    client, stored, errors, content_type, form
):
    assert_refused(client.post(CASE["path"], form, content_type))
    assert stored() == (0, 0, 0)
    assert len(errors()) == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "msisdn=447700900001",
        "messageId=18",
        "text=msisdn%26messageId",
        "xmsisdn=1&messageId=2",
        "msisdn%00=1&messageId=2",
        "&".join(f"field{number}=1" for number in range(2000)),
        "%ff=%ff&\xff",
    ],
)
def test_other_get_requests_return_200_and_are_not_logged(client, settings, errors, query):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    assert client.get(CASE["path"], QUERY_STRING=query).status_code == 200
    assert not errors()
    assert not WebhookRefusal.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b""),
        (FORM, b"msisdn=1"),
        (FORM, b"\xff&=&"),
        (FORM, f"{RECEIPT}&text={'x' * BODY_LIMIT}".encode()),
        ("text/plain", RECEIPT.encode()),
    ],
)
def test_other_unsigned_bodies_have_no_token(client, content_type, body):
    response = client.post(CASE["path"], body, content_type)
    assert (response.status_code, response.json()["reason"]) == (503, "missing_token")


def test_signed_webhook_is_applied_beside_such_a_query(client, stored):
    response = client.post(
        f"{CASE['path']}?{RECEIPT}", INBOUND, "application/json", headers=bearer(INBOUND)
    )
    assert response.status_code == 200
    assert stored() == (0, 1, 0)


def test_form_is_stored_without_verification(client, accounts, stored):
    """VERIFY_WEBHOOKS is False: nothing is refused, so nothing is lost."""
    accounts(default={"VERIFY_WEBHOOKS": False})
    assert client.post(CASE["path"], RECEIPT, FORM).json() == {"result": "stored"}
    assert stored() == (1, 0, 0)
