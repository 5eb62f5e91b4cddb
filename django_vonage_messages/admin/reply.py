"""Sending a reply from the admin, and saying in words what became of it."""

import uuid
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages import exceptions
from django_vonage_messages.admin.answers import (
    Answer,
    Failure,
    good,
    maybe_sent,
    neutral,
    nothing_sent,
    why_not_sent,
)
from django_vonage_messages.admin.problems import Problem
from django_vonage_messages.models import Conversation, Message, Status
from django_vonage_messages.protocol.v0_1 import SMS_TEXT_LENGTH
from django_vonage_messages.services.send import send_message

_BOX: Final = {
    "rows": 4,
    "maxlength": SMS_TEXT_LENGTH,
    "dir": "auto",
    "aria-describedby": "vonage-reply-error vonage-counter",
}


class ReplyForm(forms.Form):
    """What the reply box posts. ``token`` makes a double click, or a reload, send once."""

    text = forms.CharField(
        label=_("Reply"),
        widget=forms.Textarea(attrs=_BOX),
        error_messages={"required": _("There is nothing to send: write your reply first.")},
    )
    token = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Nothing was sent, because the form came back incomplete. Send again."),
            "invalid": _("Nothing was sent, because the form came back damaged. Send again."),
        },
    )

    def clean_text(self) -> str:
        """Browsers post line ends as two characters, and people count one."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")


def blank_reply() -> ReplyForm:
    """Return an empty reply box, with a token of its own."""
    return ReplyForm(initial={"token": uuid.uuid4()})


def kept_reply(text: str) -> ReplyForm:
    """Return a reply box with what was not sent and a new token, where the page then opens."""
    form = ReplyForm(initial={"text": text, "token": uuid.uuid4()})
    form.fields["text"].widget.attrs["autofocus"] = True
    return form


def send_reply(
    conversation: Conversation, text: str, token: uuid.UUID, *, user: Any, full: bool
) -> Answer:
    """Send one reply from the conversation's own address; every failure becomes an Answer.

    ``full`` leaves numbers in the API's words as they are.
    """
    began = timezone.now()
    try:
        message = send_message(
            conversation.their_address,
            text,
            channel=conversation.channel,
            sender=conversation.our_address,
            account=conversation.account,
            created_by=user,
            idempotency_key=f"admin-reply:{conversation.pk}:{token}",
        )
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        return _failed(exc, full=full)
    return _returned(message, began)


def _returned(message: Message, began: datetime) -> Answer:
    repeated = message.created_at < began
    if repeated and message.status == Status.SENDING:
        title = gettext("This reply is being sent. It was not sent a second time")
    elif repeated:
        title = gettext("This reply had already been sent. It was not sent a second time")
    elif message.status == Status.QUEUED:
        title = gettext("Your reply is recorded and leaves at once. See below what becomes of it")
    else:
        return good(gettext("Your reply was sent"))
    return neutral(title)


def _failed(exc: Failure, *, full: bool) -> Answer:
    nothing = gettext("Your reply was not sent")
    if isinstance(exc, exceptions.IdempotencyConflict):
        return nothing_sent(nothing, _conflict())
    if why := why_not_sent(exc, full=full):
        return nothing_sent(nothing, why)
    maybe = gettext("Your reply may have been sent: it is not known whether Vonage accepted it")
    return maybe_sent(maybe, exc, full=full)


def _conflict() -> Problem:
    return Problem(
        gettext("This form had already sent another reply"),
        gettext("See it in the conversation above."),
        gettext("If the text below should go out too, send it now."),
    )
