"""The form and the API view of the page about forms."""

from typing import Any

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from django_vonage_messages.backends import NotSent, Outcome, Rejected, Throttled, Unconfirmed
from django_vonage_messages.backends.locmem import outbox
from django_vonage_messages.models import Message, Suppression
from tests.docs.blocks import ROOT, blocks_of
from tests.docs.running import run_page
from tests.docs.tables import rows_of

NUMBER = "447700900000"
TOKEN = "8f2b1c4e-0000-4000-8000-000000000001"


@pytest.fixture
def page(namespace: dict[str, Any], tmp_path: Any, settings: Any) -> dict[str, Any]:
    path = ROOT / "docs" / "forms.md"
    (template,) = (block.code for block in blocks_of(path) if block.language == "html")
    loader = ("django.template.loaders.locmem.Loader", {"shop/text.html": template})
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [loader]},
        }
    ]
    run_page(path, namespace, tmp_path)
    outbox.clear()
    return namespace


def submit(page: dict[str, Any], **data: str) -> str:
    """Submit the form; return the page, or the text after the redirect."""
    request = RequestFactory().post("/", {"to": NUMBER, "content": "Hi", "token": TOKEN} | data)
    request.user = page["user"]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]  # by a middleware
    response: HttpResponse = page["text_customer"](request)
    if response.status_code == 302:
        return " ".join(map(str, request._messages))  # type: ignore[attr-defined]
    return response.content.decode()


def test_double_submit_sends_once(page: dict[str, Any]) -> None:
    assert submit(page) == submit(page) == "Sent."
    assert len(outbox) == 1
    assert Message.objects.latest("id").created_by == page["user"]


def test_another_text_with_the_same_token_sends_nothing(page: dict[str, Any]) -> None:
    submit(page)
    assert "Open the page again." in submit(page, content="Other")
    assert len(outbox) == 1


def test_errors_are_at_their_fields(page: dict[str, Any]) -> None:
    form = page["TextForm"]({"to": "12", "content": "x" * 1001, "token": TOKEN})
    assert form.is_valid()
    assert form.send(page["user"]) is None
    assert set(form.errors) == {"to", "content"}
    assert submit(page) == "Sent."


def test_error_of_an_argument_without_a_field_is_above_the_form(
    page: dict[str, Any], settings: Any
) -> None:
    default = settings.VONAGE_MESSAGES["default"]
    settings.VONAGE_MESSAGES = {"default": default | {"SENDERS": {}}}
    assert "There is no sender" in submit(page)


def test_failed_message_gets_a_new_token(page: dict[str, Any], outcomes: list[Outcome]) -> None:
    outcomes.append(NotSent("No connection"))
    html = submit(page)
    assert "Try again in a minute." in html
    assert TOKEN not in html
    assert 'name="token"' in html
    assert NUMBER in html


def test_unconfirmed_message_keeps_its_token(page: dict[str, Any], outcomes: list[Outcome]) -> None:
    outcomes.append(Unconfirmed("No answer"))
    assert TOKEN in submit(page)
    assert "Do not send it again." in submit(page)
    assert len(outbox) == 1


def post(page: dict[str, Any], **data: str) -> Response:
    request = APIRequestFactory().post(
        "/", {"to": NUMBER, "content": "Hi"} | data, headers={"Idempotency-Key": "key"}
    )
    response: Response = page["TextView"].as_view()(request)
    return response


EXCEPTIONS = [
    ("none", None),
    ("DeliveryUnconfirmed", Unconfirmed("No answer")),
    ("RateLimited", Throttled("Wait")),
    ("ConnectionFailed", NotSent("No connection")),
    ("MessageRejected", Rejected("No")),
]


@pytest.mark.parametrize(("name", "outcome"), EXCEPTIONS)
def test_api_returns_the_documented_status_code(
    page: dict[str, Any], outcomes: list[Outcome], name: str, outcome: Outcome | None
) -> None:
    documented = {row[0]: row[1] for row in rows_of("forms", "Exception")}
    (status,) = (int(code) for names, code in documented.items() if name in names)
    if outcome is not None:
        outcomes.append(outcome)
    assert post(page).status_code == status
    assert len(outbox) == 1


def test_api_answers_400_for_arguments_and_suppressions(page: dict[str, Any]) -> None:
    invalid = post(page, to="12")
    assert (invalid.status_code, list(invalid.data)) == (400, ["to"])
    Suppression.objects.create(address=NUMBER, evidence="A test.")
    assert post(page).status_code == 400
    assert outbox == []


def test_api_repeats_the_first_result_of_a_key(
    page: dict[str, Any], outcomes: list[Outcome]
) -> None:
    outcomes.append(NotSent("No connection"))
    assert [post(page).status_code, post(page).status_code] == [503, 502]
    assert post(page, content="Other").status_code == 409
    assert len(outbox) == 1
