"""Webhooks of several accounts: matching to an account, and access to its messages only."""

import json

import pytest

from django_vonage_messages import send_message
from django_vonage_messages.models import Message, UnprocessedWebhook
from tests.webhooks.tokens import bearer, token

pytestmark = pytest.mark.django_db
A, B, SHARED = (f"secret of account {name}, long enough" for name in ("A", "B", "AB"))
APPLICATION_A, APPLICATION_B = "aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-2222"


@pytest.fixture
def two_accounts(accounts):
    accounts(
        default={"API_KEY": "keya", "SIGNATURE_SECRETS": [A], "SENDERS": {"sms": "447700900001"}},
        second={"API_KEY": "keyb", "SIGNATURE_SECRETS": [B], "SENDERS": {"sms": "447700900002"}},
    )


@pytest.fixture
def one_verifying(accounts):
    """A verifying account, and an account with VERIFY_WEBHOOKS off."""
    accounts(
        default={"API_KEY": "keya", "SIGNATURE_SECRETS": [A], "SENDERS": {"sms": "447700900001"}},
        second={
            "API_KEY": "keyb",
            "VERIFY_WEBHOOKS": False,
            "SENDERS": {"sms": "447700900002"},
        },
    )


def _status_of(message: Message) -> str:
    return Message.objects.values_list("status", flat=True).get(pk=message.pk)


def test_secret_updates_messages_of_its_own_account(two_accounts, post_webhook, status_body):
    message = send_message("447700900000", "Hello", account="second")
    response = post_webhook("message-status", status_body(message, "delivered"), secret=B)
    assert response.json() == {"result": "applied"}
    assert _status_of(message) == "delivered"


@pytest.mark.parametrize("api_key", ["keya", "keyb"])
def test_secret_never_updates_messages_of_another_account(
    two_accounts, post_webhook, status_body, api_key
):
    """The api_key in the token does not matter; only the secret counts."""
    message = send_message("447700900000", "Hello", account="default")
    body = status_body(message, "rejected")

    response = post_webhook("message-status", body, secret=B, api_key=api_key)

    assert (response.status_code, response.json()) == (200, {"result": "stored"})
    assert _status_of(message) == "accepted"
    webhook = UnprocessedWebhook.objects.get()
    assert (webhook.reason, webhook.accounts) == ("unknown_message", ["second"])


def test_client_ref_does_not_match_across_accounts(two_accounts, post_webhook, status_body):
    message = send_message("447700900000", "Hello", client_ref="order-42")
    Message.objects.filter(pk=message.pk).update(message_uuid=None)
    body = status_body(message, "rejected", message_uuid="cccc")
    assert post_webhook("message-status", body, secret=B).json() == {"result": "stored"}
    assert post_webhook("message-status", body, secret=A).json() == {"result": "applied"}


def test_unprocessed_status_is_not_applied_to_another_account(
    two_accounts, post_webhook, status_body
):
    """The status arrives before the message has its uuid, signed with another account's secret."""
    message = send_message("447700900000", "Hello")
    body = status_body(message, "rejected")
    Message.objects.filter(pk=message.pk).update(message_uuid=None)
    assert post_webhook("message-status", body, secret=B).json() == {"result": "stored"}

    body = status_body(message, "submitted", timestamp="2026-01-01T14:00:09Z")
    assert post_webhook("message-status", body, secret=A).json() == {"result": "applied"}

    assert _status_of(message) == "submitted"
    assert UnprocessedWebhook.objects.get().processed_at is None


@pytest.mark.parametrize(("secret", "alias"), [(A, "default"), (B, "second")])
def test_an_inbound_message_belongs_to_the_account_of_its_secret(
    two_accounts, post_webhook, inbound_body, secret, alias
):
    post_webhook("inbound-message", inbound_body(), secret=secret)
    assert Message.objects.get().account == alias


def test_inbound_uuids_are_unique_within_an_account(two_accounts, post_webhook, inbound_body):
    for secret in (A, B, A, B):
        post_webhook("inbound-message", inbound_body(), secret=secret)
    assert sorted(Message.objects.values_list("account", flat=True)) == ["default", "second"]


@pytest.mark.parametrize(
    ("application_id", "number", "alias"),
    [
        (APPLICATION_A, "447700900001", "default"),
        (APPLICATION_B, "447700900001", "second"),
        (None, "447700900002", "second"),
        ("an-application-of-nobody", "+44 7700 900002", "second"),
        (None, "447700900009", "default"),
        ("an-application-of-nobody", "447700900009", "default"),
    ],
)
def test_shared_secret_is_decided_by_application_then_address_then_order(
    accounts, post_webhook, inbound_body, application_id, number, alias
):
    accounts(
        default={
            "APPLICATION_ID": APPLICATION_A,
            "SIGNATURE_SECRETS": [SHARED],
            "SENDERS": {"sms": "447700900001"},
        },
        unrelated={"SIGNATURE_SECRETS": [B], "SENDERS": {"sms": ["447700900002", "447700900009"]}},
        second={
            "APPLICATION_ID": APPLICATION_B,
            "SIGNATURE_SECRETS": [SHARED],
            "SENDERS": {"sms": ["Shop", "+447700900002"]},
        },
    )
    body = inbound_body(to={"type": "sms", "number": number})
    post_webhook("inbound-message", body, secret=SHARED, application_id=application_id)
    assert Message.objects.get().account == alias


@pytest.mark.parametrize(
    ("number", "alias"),
    [
        ("447700900001", "default"),
        ("447700900002", "second"),
        ("447700900009", "default"),
        ("447700900003", "default"),
    ],
)
def test_accounts_of_one_application_are_distinguished_by_address(
    accounts, post_webhook, inbound_body, number, alias
):
    """The last number belongs to another application, and the application outranks the address."""
    same = {"APPLICATION_ID": APPLICATION_A, "SIGNATURE_SECRETS": [SHARED]}
    accounts(
        other=same | {"APPLICATION_ID": APPLICATION_B, "SENDERS": {"sms": "447700900003"}},
        default=same | {"SENDERS": {"sms": "447700900001"}},
        second=same | {"SENDERS": {"sms": "447700900002"}},
    )
    body = inbound_body(to={"type": "sms", "number": number})
    post_webhook("inbound-message", body, secret=SHARED, application_id=APPLICATION_A)
    assert Message.objects.get().account == alias


def test_invalid_senders_of_an_account_do_not_lose_the_message(
    accounts, post_webhook, inbound_body
):
    accounts(
        default={"SIGNATURE_SECRETS": [SHARED], "SENDERS": {"sms": "no number at all!"}},
        second={"SIGNATURE_SECRETS": [SHARED], "SENDERS": {"sms": "447700900001"}},
    )
    assert post_webhook("inbound-message", inbound_body(), secret=SHARED).status_code == 200
    assert Message.objects.get().account == "second"


def test_both_secrets_verify_during_a_rotation(accounts, post_webhook, inbound_body):
    accounts(default={"SIGNATURE_SECRETS": [B, A]})
    for number, secret in enumerate((A, B)):
        body = inbound_body(message_uuid=f"uuid-{number}")
        assert post_webhook("inbound-message", body, secret=secret).json()["result"] == "applied"
    accounts(default={"SIGNATURE_SECRETS": [B]})
    response = post_webhook("inbound-message", inbound_body(message_uuid="uuid-2"), secret=A)
    assert response.status_code == 503
    assert Message.objects.count() == 2


def test_a_secret_from_a_vault_is_read_at_each_request(accounts, post_webhook, inbound_body):
    vault = iter([A, B])
    accounts(default={"SIGNATURE_SECRETS": lambda: [current[0]]})
    current = [next(vault)]
    assert post_webhook("inbound-message", inbound_body(), secret=A).status_code == 200
    current = [next(vault)]
    assert post_webhook("inbound-message", inbound_body(), secret=A).status_code == 503


def test_unsigned_status_updates_only_accounts_that_do_not_verify(
    one_verifying, post_webhook, status_body
):
    verified = send_message("447700900000", "Hello", account="default")
    unverified = send_message("447700900000", "Hello", account="second")

    for message in (verified, unverified):
        body = status_body(message, "delivered")
        assert post_webhook("message-status", body, secret=None).status_code == 200

    assert (_status_of(verified), _status_of(unverified)) == ("accepted", "delivered")
    assert UnprocessedWebhook.objects.get().accounts == ["second"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic c2VjcmV0OnNlY3JldA=="},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer {token(b'', B, api_key='keyb')}"},
        {"Authorization": f"Bearer {token(b'', B, api_key='a-stranger')}"},
    ],
    ids=["none", "Basic", "nonsense", "its own, not verified", "a stranger's"],
)
def test_unverified_inbound_message_belongs_to_the_account_that_does_not_verify(
    one_verifying, post_webhook, inbound_body, headers
):
    response = post_webhook("inbound-message", inbound_body(), secret=None, headers=headers)
    assert response.status_code == 200
    assert Message.objects.get().account == "second"


def test_a_signed_inbound_message_still_belongs_to_the_account_that_verifies(
    one_verifying, post_webhook, inbound_body
):
    post_webhook("inbound-message", inbound_body(), secret=A)
    assert Message.objects.get().account == "default"


@pytest.mark.parametrize(
    ("secret", "claims", "reason"),
    [
        (B, {"api_key": "keya"}, "wrong_secret"),
        (A, {"api_key": "keya", "payload_hash": "0" * 64}, "wrong_body"),
        (A, {"api_key": "keya", "iat": 1}, "stale_token"),
    ],
)
def test_invalid_token_of_a_verifying_account_is_refused_for_a_retry(
    one_verifying, settings, client, stored, secret, claims, reason
):
    """A retry may succeed; the conversation of another account would hide the message."""
    for config in settings.VONAGE_MESSAGES.values():
        config["WEBHOOK_MAX_AGE"] = 3600
    response = client.post(
        "/webhooks/inbound-message",
        b"{}",
        content_type="application/json",
        headers=bearer(b"{}", secret, **claims),
    )
    assert (response.status_code, response.json()["reason"]) == (503, reason)
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize("claims", [{"payload_hash": "0" * 64}, {"iat": 1}, {"payload_hash": None}])
def test_account_that_does_not_verify_ignores_its_secret(accounts, client, stored, claims):
    """A proxy that rewrites bodies is a reason to set VERIFY_WEBHOOKS to False."""
    accounts(default={"VERIFY_WEBHOOKS": False, "SIGNATURE_SECRETS": [A], "WEBHOOK_MAX_AGE": 3600})
    response = client.post(
        "/webhooks/inbound-message",
        b"{}",
        content_type="application/json",
        headers=bearer(b"{}", A, **claims),
    )
    assert response.status_code == 200
    assert stored() == (1, 0, 0)


@pytest.fixture
def shared_secret(accounts):
    """Two accounts with one secret; only the first has WEBHOOK_MAX_AGE."""
    accounts(
        default={
            "SIGNATURE_SECRETS": [SHARED],
            "WEBHOOK_MAX_AGE": 60,
            "SENDERS": {"sms": "447700900001"},
        },
        second={"SIGNATURE_SECRETS": [SHARED], "SENDERS": {"sms": "447700900002"}},
    )


@pytest.mark.parametrize(
    ("number", "status", "owners"), [("447700900001", 503, []), ("447700900002", 200, ["second"])]
)
def test_max_age_is_that_of_the_account_that_owns_the_webhook(
    shared_secret, client, inbound_body, number, status, owners
):
    body = json.dumps(inbound_body(to={"type": "sms", "number": number})).encode()

    response = client.post(
        "/webhooks/inbound-message",
        body,
        content_type="application/json",
        headers=bearer(body, SHARED, iat=1),
    )

    assert response.status_code == status
    assert list(Message.objects.values_list("account", flat=True)) == owners
    assert not UnprocessedWebhook.objects.exists()


def test_repeated_webhook_after_a_change_of_senders_is_one_message(
    accounts, post_webhook, inbound_body
):
    for sender in ("447700900001", "447700900002"):
        accounts(
            default={"SIGNATURE_SECRETS": [SHARED], "SENDERS": {"sms": sender}},
            second={"SIGNATURE_SECRETS": [SHARED], "SENDERS": {"sms": "447700900001"}},
        )
        assert post_webhook("inbound-message", inbound_body(), secret=SHARED).status_code == 200

    assert Message.objects.count() == 1


def test_same_uuid_on_two_accounts_is_two_messages(shared_secret, post_webhook, inbound_body):
    bodies = [
        inbound_body(to={"type": "sms", "number": number})
        for number in ("447700900001", "447700900002", "447700900001", "447700900002")
    ]
    results = [post_webhook("inbound-message", body, secret=SHARED).json() for body in bodies]

    assert [each["result"] for each in results] == ["applied", "applied", "duplicate", "duplicate"]
    assert sorted(Message.objects.values_list("account", flat=True)) == ["default", "second"]


def test_same_uuid_from_another_customer_is_a_duplicate(shared_secret, post_webhook, inbound_body):
    for number in ("447700900000", "447700900005"):
        body = inbound_body(**{"from": {"type": "sms", "number": number}})
        assert post_webhook("inbound-message", body, secret=SHARED).status_code == 200
    assert Message.objects.get().their_address == "447700900000"


def test_status_with_a_uuid_of_two_accounts_updates_neither(
    shared_secret, post_webhook, status_body
):
    messages = [send_message("447700900000", "Hello", account=a) for a in ("default", "second")]
    Message.objects.update(message_uuid=messages[0].message_uuid)

    body = status_body(messages[0], "rejected")
    assert post_webhook("message-status", body, secret=SHARED).json() == {"result": "stored"}

    assert [_status_of(message) for message in messages] == ["accepted", "accepted"]
    assert UnprocessedWebhook.objects.get().reason == "ambiguous_message"


def test_webhook_of_an_account_without_secret_is_refused_for_a_retry(
    accounts, post_webhook, inbound_body
):
    accounts(
        default={"API_KEY": "dev00000", "VERIFY_WEBHOOKS": False, "SIGNATURE_SECRETS": []},
        live={"API_KEY": "live0000", "SIGNATURE_SECRETS": [""]},
    )

    response = post_webhook("inbound-message", inbound_body(), secret="theirs", api_key="live0000")

    assert response.status_code == 503
    assert not Message.objects.exists()
