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
from django_vonage_messages.admin.messages.action_results import (
    Answer,
    Failure,
    good,
    maybe_sent,
    neutral,
    nothing_sent,
    why_not_sent,
)
from django_vonage_messages.admin.messages.failures import Problem
from django_vonage_messages.models import Conversation, Message, Status
from django_vonage_messages.services.sending.send import send_message

_BOX: Final = {
    "rows": 4,
    "dir": "auto",
    "aria-describedby": "vonage-reply-error vonage-window vonage-counter",
}


class ReplyForm(forms.Form):
    """What the reply box posts. ``token`` makes a double click, or a reload, send once; ``limit``
    is how many characters the channel takes, None for any number.
    """

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

    def __init__(self, *args: Any, limit: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = limit
        if limit is not None:
            self.fields["text"].widget.attrs["maxlength"] = limit

    def clean_text(self) -> str:
        """Browsers post line ends as two characters, and people count one."""
        posted: str = self.cleaned_data["text"]
        text = posted.replace("\r\n", "\n")
        if self.limit is not None and len(text) > self.limit:
            raise forms.ValidationError(_too_long(len(text), self.limit))
        return text


def blank_reply(limit: int | None) -> ReplyForm:
    """Return an empty reply box, with a token of its own."""
    return ReplyForm(initial={"token": uuid.uuid4()}, limit=limit)


def kept_reply(text: str, limit: int | None) -> ReplyForm:
    """Return a reply box with what was not sent and a new token, where the page then opens."""
    form = ReplyForm(initial={"text": text, "token": uuid.uuid4()}, limit=limit)
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


def _too_long(length: int, limit: int) -> str:
    words = gettext(
        "Your reply was not sent: it has %(length)d characters, and at most %(limit)d can be sent. "
        "Shorten it, or send it in parts."
    )
    return words % {"length": length, "limit": limit}


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
