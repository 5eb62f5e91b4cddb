"""An AdminSite of the project, with another name, beside Django's default one."""

import re
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin import AdminSite
from django.test import Client
from django.urls import include, path

from django_vonage_messages import admin, models
from django_vonage_messages.protocol.outcomes import NotSent
from tests.admin.conftest import CUSTOMER, Receive
from tests.admin.test_reply import token_in
from tests.admin.test_thread import failed_send

desk = AdminSite(name="desk")
desk.register(models.Conversation, admin.ConversationAdmin)
desk.register(models.Message, admin.MessageAdmin)
desk.register(models.Suppression, admin.SuppressionAdmin)

urlpatterns = [
    path("admin/", django_admin.site.urls),
    path("desk/", desk.urls),
    path("webhooks/", include("django_vonage_messages.urls")),
]


@pytest.fixture(autouse=True)
def _two_sites(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.test_own_site"


def test_every_link_stays_on_the_same_site(admin_client: Client, receive_text: Receive) -> None:
    message = receive_text()
    models.UnprocessedWebhook.objects.create(
        body_key="1", body=b"{}", account="default", reason="unusable"
    )
    suppression = models.Suppression.objects.create(address="447700900009", evidence="STOP")
    thread = f"/desk/vonage_messages/conversation/{message.conversation_id}/change/"
    pages = [
        "/desk/vonage_messages/conversation/",
        thread,
        f"/desk/vonage_messages/message/{message.pk}/change/",
        f"/desk/vonage_messages/suppression/{suppression.pk}/change/",
    ]
    for url in pages:
        page = admin_client.get(url)
        assert page.status_code == 200
        assert '"/admin/' not in page.content.decode()
    listing = admin_client.get(pages[0]).content.decode()
    assert "could not be applied" in listing
    question = admin_client.post(
        "/desk/vonage_messages/suppression/",
        {"action": "lift_suppressions", "_selected_action": [suppression.pk]},
    )
    assert '"/admin/' not in question.content.decode()


@pytest.mark.parametrize("place", ["message/{pk}/do/", "conversation/{thread}/message/{pk}/"])
def test_button_redirects_to_the_same_site(
    place: str, admin_client: Client, outcomes: list[Any]
) -> None:
    outcomes.append(NotSent("No connection could be made"))
    message = failed_send("Hello")
    base = "/desk/vonage_messages/" + place.format(pk=message.pk, thread=message.conversation_id)
    page = admin_client.get(re.sub(r"(do|message/\d+)/$", "change/", base))
    assert f'formaction="{base}send-again/"' in page.content.decode()
    response = admin_client.post(f"{base}send-again/")
    assert response["Location"].startswith("/desk/")
    assert message.resends.get().status == "accepted"


def test_reply_redirects_to_the_same_site(admin_client: Client, receive_text: Receive) -> None:
    pk = receive_text().conversation_id
    thread = f"/desk/vonage_messages/conversation/{pk}/change/"
    token = token_in(admin_client.get(thread))
    response = admin_client.post(
        f"/desk/vonage_messages/conversation/{pk}/reply/", {"text": "Hello", "token": token}
    )
    assert response["Location"].startswith(thread)
    assert models.Message.objects.outbound().get().their_address == CUSTOMER
