"""Replies from the admin: the form, the sending, and texts about the result."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages import exceptions
from django_vonage_messages.admin.messages.action_results import (
    ActionResult,
    SendError,
    info,
    maybe_sent,
    nothing_sent,
    send_failure,
    success,
)
from django_vonage_messages.admin.messages.failures import Failure
from django_vonage_messages.models import Conversation, Message, Status
from django_vonage_messages.models.message import STOPPED
from django_vonage_messages.services.sending.send import send_validated
from django_vonage_messages.services.sending.validation import validate_message

_TEXTAREA_ATTRS: Final = {
    "rows": 4,
    "dir": "auto",
    "aria-describedby": "vonage-reply-error vonage-window vonage-counter",
}


class ReplyForm(forms.Form):
    """Form for a reply to a customer."""

    text = forms.CharField(
        label=_("Reply"),
        widget=forms.Textarea(attrs=_TEXTAREA_ATTRS),
        error_messages={"required": _("Write your reply first.")},
    )
    # With this token, a double click or a reload does not send the reply twice.
    token = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Not sent: the form was incomplete. Try again."),
            "invalid": _("Not sent: the form contained invalid data. Try again."),
        },
    )

    def __init__(self, *args: Any, limit: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = limit  # maximum number of characters
        if limit is not None:
            self.fields["text"].widget.attrs["maxlength"] = limit

    def clean_text(self) -> str:
        posted: str = self.cleaned_data["text"]
        text = posted.replace("\r\n", "\n")  # browsers post each line break as CR LF
        if self.limit is not None and len(text) > self.limit:
            raise forms.ValidationError(_too_long(len(text), self.limit))
        return text


def empty_reply(limit: int | None) -> ReplyForm:
    return ReplyForm(initial={"token": uuid.uuid4()}, limit=limit)


def unsent_reply(text: str, limit: int | None) -> ReplyForm:
    """Return a reply form that contains the unsent text."""
    form = ReplyForm(initial={"text": text, "token": uuid.uuid4()}, limit=limit)
    form.fields["text"].widget.attrs["autofocus"] = True
    return form


def send_reply(
    conversation: Conversation, text: str, token: uuid.UUID, *, user: Any, full: bool
) -> ActionResult:
    """Send the reply, and return the result for the user."""
    started = timezone.now()
    try:
        validated = validate_message(
            conversation.their_address,
            text,
            channel=conversation.channel,
            sender=conversation.our_address,
            account=conversation.account,
            options=None,
            client_ref="",
            idempotency_key=f"admin-reply:{conversation.pk}:{token}",
            related=None,
            created_by=user,
        )
        message = send_validated(replace(validated, is_answer=True))
    except (exceptions.VonageMessagesError, ImproperlyConfigured) as exc:
        return _failed(exc, full=full)
    return _sent(message, started)


def _too_long(length: int, limit: int) -> str:
    text = gettext(
        "Not sent: your reply has %(length)d characters, and the limit is %(limit)d. Shorten it, "
        "or send it in parts."
    )
    return text % {"length": length, "limit": limit}


def _sent(message: Message, started: datetime) -> ActionResult:
    is_repeated = message.created_at < started
    if is_repeated and message.status == Status.SENDING:
        title = gettext("Already sending. Your reply was not sent twice")
    elif is_repeated:
        title = gettext("Already sent. Your reply was not sent twice")
    elif message.status == Status.QUEUED:
        title = gettext("Reply queued. It will be sent shortly")
    else:
        return success(gettext("Reply sent"))
    return info(title)


def _failed(exc: SendError, *, full: bool) -> ActionResult:
    title = gettext("Reply not sent")
    if isinstance(exc, exceptions.IdempotencyConflict):
        return nothing_sent(title, _conflict(exc.message))
    if failure := send_failure(exc, full=full):
        return nothing_sent(title, failure)
    title = gettext("Not known if your reply was sent")
    return maybe_sent(title, exc, full=full)


def _conflict(earlier: Message | None) -> Failure:
    if earlier is not None and earlier.status in STOPPED:
        return Failure(
            gettext("The reply of this form was cancelled or has expired"),
            advice=gettext("To send the text below, press Send."),
        )
    return Failure(
        gettext("This form already sent a different reply, which is shown above"),
        advice=gettext("To send the text below too, press Send."),
    )
