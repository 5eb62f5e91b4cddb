import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_vonage_messages import models
from tests.admin.conftest import CUSTOMER, MASKED, Receive, Staff

ALL = [
    models.Conversation,
    models.Message,
    models.StatusEvent,
    models.SignalDispatch,
    models.UnprocessedWebhook,
    models.WebhookRefusal,
    models.Suppression,
    models.Worker,
    models.PausedSender,
    models.Workflow,
]
LIST = "/admin/vonage_messages/conversation/"


def _thread(conversation: models.Conversation, page: str = "change") -> str:
    return f"{LIST}{conversation.pk}/{page}/"


@pytest.fixture
def rows(conversation: models.Conversation) -> dict[type, object]:
    """One row of every model."""
    message = conversation.messages.get()
    return {
        models.Conversation: conversation,
        models.Message: message,
        models.StatusEvent: models.StatusEvent.objects.create(
            message=message, source="vonage", status="read", dedupe_key="1"
        ),
        models.SignalDispatch: models.SignalDispatch.objects.create(
            signal="message_received", message=message, error="ValueError"
        ),
        models.UnprocessedWebhook: models.UnprocessedWebhook.objects.create(
            body_key="1", body=b"{}", account="default", reason="unusable"
        ),
        models.WebhookRefusal: models.WebhookRefusal.objects.create(reason="no_secret"),
        models.Suppression: models.Suppression.objects.create(address=CUSTOMER, evidence="STOP"),
        models.Worker: models.Worker.objects.create(name="host:1:1"),
        models.PausedSender: models.PausedSender.objects.create(
            paused_at=timezone.now(), account="default", our_address="ACME", until=timezone.now()
        ),
        models.Workflow: models.Workflow.objects.create(account="default", failover_by="vonage"),
    }


@pytest.mark.parametrize("model", ALL)
def test_every_model_is_registered(model: type) -> None:
    assert admin.site.is_registered(model)


@pytest.mark.parametrize("model", ALL)
def test_every_page_requires_its_view_permission(
    model: type, staff: Staff, rows: dict[type, object]
) -> None:
    name = model._meta.model_name
    pages = [
        reverse(f"admin:vonage_messages_{name}_changelist"),
        reverse(f"admin:vonage_messages_{name}_change", args=[rows[model].pk]),
    ]
    viewer = staff(f"view_{name}")
    outsider = staff(username="nobody")
    for page in pages:
        assert viewer.get(page).status_code == 200
        assert outsider.get(page).status_code == 403
        assert Client().get(page).status_code == 302


@pytest.mark.parametrize("model", ALL)
def test_rows_are_read_only_for_a_superuser(
    model: type, admin_client: Client, rows: dict[type, object]
) -> None:
    name = model._meta.model_name
    row = rows[model]
    delete = reverse(f"admin:vonage_messages_{name}_delete", args=[row.pk])
    change = reverse(f"admin:vonage_messages_{name}_change", args=[row.pk])
    add = reverse(f"admin:vonage_messages_{name}_add")
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    assert admin_client.post(change, {"status": "closed", "evidence": "x"}).status_code == 403
    expected = 200 if model is models.Suppression else 403
    assert admin_client.get(add).status_code == expected
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ALL)
def test_numbers_are_masked_without_the_permission(
    model: type, staff: Staff, rows: dict[type, object]
) -> None:
    name = model._meta.model_name
    pages = [
        reverse(f"admin:vonage_messages_{name}_changelist"),
        reverse(f"admin:vonage_messages_{name}_change", args=[rows[model].pk]),
    ]
    viewer = staff(f"view_{name}")
    for page in pages:
        assert CUSTOMER not in viewer.get(page).content.decode()


@pytest.mark.parametrize("model", [models.Conversation, models.Message, models.Suppression])
def test_numbers_are_shown_with_the_permission(
    model: type, staff: Staff, rows: dict[type, object]
) -> None:
    name = model._meta.model_name
    page = reverse(f"admin:vonage_messages_{name}_change", args=[rows[model].pk])
    assert MASKED in staff(f"view_{name}").get(page).content.decode()
    trusted = staff(f"view_{name}", "view_full_address", username="trusted")
    assert CUSTOMER in trusted.get(page).content.decode()


@pytest.mark.parametrize(
    "lookup", ["their_address__startswith", "their_address", "key__startswith", "messages__text"]
)
def test_masked_numbers_cannot_be_filtered_by_url(
    lookup: str, staff: Staff, conversation: models.Conversation
) -> None:
    assert staff("view_conversation").get(LIST, {lookup: "4"}).status_code == 400


def test_messages_can_be_listed_by_conversation(
    staff: Staff, conversation: models.Conversation
) -> None:
    url = "/admin/vonage_messages/message/"
    assert staff("view_message").get(url, {"conversation": conversation.pk}).status_code == 200


def test_search_by_partial_number_requires_view_full_address(
    staff: Staff, conversation: models.Conversation
) -> None:
    viewer = staff("view_conversation")
    trusted = staff("view_conversation", "view_full_address", username="trusted")

    def finds(client: Client, typed: str) -> bool:
        return bool(client.get(LIST, {"q": typed}).context["cl"].result_count)

    for whole in (CUSTOMER, "+44 7700 900000", "0044 7700-900000"):
        assert finds(viewer, whole)
        assert finds(trusted, whole)
    for part in ("4477", "+44 77", "0044 7700 9"):
        assert not finds(viewer, part)
        assert finds(trusted, part)
    for other in ("7700900000", "447700900001", "Anna"):
        assert not finds(trusted, other)


@pytest.mark.parametrize("their_id", ["4598023126881234", "0012345678901234", "a-7f3"])
def test_search_finds_an_id(staff: Staff, their_id: str) -> None:
    models.Conversation.objects.create(
        account="default",
        channel="messenger",
        our_address="107083064136738",
        their_address=their_id,
        in_inbox=True,
    )
    viewer = staff("view_conversation")
    trusted = staff("view_conversation", "view_full_address", username="trusted")

    def finds(client: Client, typed: str) -> bool:
        return bool(client.get(LIST, {"q": typed}).context["cl"].result_count)

    for whole in (their_id, f" {their_id} "):
        assert finds(viewer, whole)
        assert finds(trusted, whole)
    assert not finds(viewer, their_id[:-1])
    assert finds(trusted, their_id[:-1])
    assert not finds(trusted, their_id + "1")
    assert not finds(trusted, their_id[1:])


def test_search_finds_an_id_typed_in_groups_of_digits(
    staff: Staff, receive_content: Receive
) -> None:
    receive_content({"type": "text", "text": "Hello"}, "messenger")
    response = staff("view_conversation").get(LIST, {"q": "4598 0231 2688 1234"})
    assert response.context["cl"].result_count == 1


def test_search_finds_a_national_number_if_an_account_has_a_region(
    staff: Staff, conversation: models.Conversation, settings: object
) -> None:
    account = {**settings.VONAGE_MESSAGES["default"], "REGION": "GB"}
    settings.VONAGE_MESSAGES = {"default": account}
    response = staff("view_conversation").get(LIST, {"q": "07700 900000"})
    assert response.context["cl"].result_count == 1


def test_reply_requires_its_own_permission(staff: Staff, conversation: models.Conversation) -> None:
    reader = staff("view_conversation")
    assert "<textarea" not in reader.get(_thread(conversation)).content.decode()
    assert reader.post(_thread(conversation, "reply"), {"text": "Hi"}).status_code == 403
    outsider = staff("reply_conversation", username="outsider")
    assert outsider.post(_thread(conversation, "reply"), {"text": "Hi"}).status_code == 403
    assert not models.Message.objects.outbound().exists()


def test_a_reply_needs_a_csrf_token(staff: Staff, conversation: models.Conversation) -> None:
    client = staff("view_conversation", "reply_conversation", enforce_csrf_checks=True)
    assert client.post(_thread(conversation, "reply"), {"text": "Hi"}).status_code == 403
    assert not models.Message.objects.outbound().exists()


def test_only_users_who_may_reply_mark_a_conversation_read(
    staff: Staff, conversation: models.Conversation
) -> None:
    staff("view_conversation").get(_thread(conversation))
    conversation.refresh_from_db()
    assert conversation.unread_count == 1
    agent = staff("view_conversation", "reply_conversation", username="answerer")
    agent.head(_thread(conversation))
    conversation.refresh_from_db()
    assert conversation.unread_count == 1
    assert "New messages" in agent.get(_thread(conversation)).content.decode()
    conversation.refresh_from_db()
    assert conversation.unread_count == 0


def test_reply_respects_get_queryset(
    staff: Staff, conversation: models.Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_admin = admin.site.get_model_admin(models.Conversation)
    monkeypatch.setattr(
        model_admin, "get_queryset", lambda request: models.Conversation.objects.none()
    )
    client = staff("view_conversation", "reply_conversation")
    assert client.get(_thread(conversation)).status_code == 404
    assert client.post(_thread(conversation, "reply"), {"text": "Hi"}).status_code == 404


def test_an_unknown_conversation_is_not_found(staff: Staff, db: None) -> None:
    client = staff("view_conversation", "reply_conversation")
    assert client.get(f"{LIST}999/change/").status_code == 404
    assert client.get(f"{LIST}no-number/change/").status_code == 404


def test_link_to_a_message_requires_permission_to_view_it(
    staff: Staff, receive_text: Receive
) -> None:
    message = receive_text()
    url = reverse("admin:vonage_messages_message_change", args=[message.pk])
    reader = staff("view_conversation").get(_thread(message.conversation))
    assert url not in reader.content.decode()
    both = staff("view_conversation", "view_message", username="both")
    assert url in both.get(_thread(message.conversation)).content.decode()
