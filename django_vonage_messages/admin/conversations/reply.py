"""Replies from the admin: the form, sending, and the text of the result."""

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
from django_vonage_messages.services.sending.send import send_message

_TEXTAREA_ATTRS: Final = {
    "rows": 4,
    "dir": "auto",
    "aria-describedby": "vonage-reply-error vonage-window vonage-counter",
}


class ReplyForm(forms.Form):
    """The reply form. ``token`` makes a double click or a reload send once; ``limit`` is the
    channel's maximum number of characters, or None.
    """

    text = forms.CharField(
        label=_("Reply"),
        widget=forms.Textarea(attrs=_TEXTAREA_ATTRS),
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
        """Normalize line ends before counting: browsers post each as two characters."""
        posted: str = self.cleaned_data["text"]
        text = posted.replace("\r\n", "\n")
        if self.limit is not None and len(text) > self.limit:
            raise forms.ValidationError(_too_long(len(text), self.limit))
        return text


def empty_reply(limit: int | None) -> ReplyForm:
    """Return an empty form with a new token."""
    return ReplyForm(initial={"token": uuid.uuid4()}, limit=limit)


def unsent_reply(text: str, limit: int | None) -> ReplyForm:
    """Return a form with the text that was not sent, a new token and the focus."""
    form = ReplyForm(initial={"text": text, "token": uuid.uuid4()}, limit=limit)
    form.fields["text"].widget.attrs["autofocus"] = True
    return form


def send_reply(
    conversation: Conversation, text: str, token: uuid.UUID, *, user: Any, full: bool
) -> ActionResult:
    """Send a reply from the conversation's own address; return every failure as a result.

    ``full`` leaves numbers in Vonage's error unmasked.
    """
    started = timezone.now()
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
    return _sent(message, started)


def _too_long(length: int, limit: int) -> str:
    text = gettext(
        "Your reply was not sent: it has %(length)d characters, and at most %(limit)d can be sent. "
        "Shorten it, or send it in parts."
    )
    return text % {"length": length, "limit": limit}


def _sent(message: Message, started: datetime) -> ActionResult:
    is_repeated = message.created_at < started
    if is_repeated and message.status == Status.SENDING:
        title = gettext("This reply is being sent. It was not sent a second time")
    elif is_repeated:
        title = gettext("This reply had already been sent. It was not sent a second time")
    elif message.status == Status.QUEUED:
        title = gettext("Your reply is recorded and leaves at once. See below what becomes of it")
    else:
        return success(gettext("Your reply was sent"))
    return info(title)


def _failed(exc: SendError, *, full: bool) -> ActionResult:
    title = gettext("Your reply was not sent")
    if isinstance(exc, exceptions.IdempotencyConflict):
        return nothing_sent(title, _conflict())
    if failure := send_failure(exc, full=full):
        return nothing_sent(title, failure)
    title = gettext("Your reply may have been sent: it is not known whether Vonage accepted it")
    return maybe_sent(title, exc, full=full)


def _conflict() -> Failure:
    return Failure(
        gettext("This form had already sent another reply"),
        gettext("See it in the conversation above."),
        gettext("If the text below should go out too, send it now."),
    )
