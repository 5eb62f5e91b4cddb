"""Sending a reply from the admin, and saying in words what became of it."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_vonage_messages import exceptions
from django_vonage_messages.admin.words import Problem, api_words, not_sent, unconfirmed
from django_vonage_messages.models import Conversation, Message, Status
from django_vonage_messages.protocol.redaction import redact
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


@dataclass(frozen=True)
class Answer:
    """What became of a reply. ``keep_text``: nothing was sent, and the text may be sent again."""

    level: int
    words: Problem
    keep_text: bool = False

    def __str__(self) -> str:
        parts = (self.words.title, self.words.meaning, self.words.advice)
        return " ".join(_sentence(part) for part in parts if part)


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
        return Answer(messages.SUCCESS, Problem(gettext("Your reply was sent")))
    return Answer(messages.INFO, Problem(title))


def _failed(exc: exceptions.VonageMessagesError | ImproperlyConfigured, *, full: bool) -> Answer:
    match exc:
        case ImproperlyConfigured():
            return _kept(_misconfigured(exc))
        case exceptions.RecipientSuppressed():
            return _kept(_suppressed())
        case exceptions.InvalidMessage():
            return _kept(Problem(" ".join(exc.messages)))
        case exceptions.IdempotencyConflict():
            return _kept(_conflict())
    said = api_words(exc.title, exc.detail, full=full)
    match exc:
        case exceptions.RateLimited():
            return _kept(not_sent("throttled", said))
        case exceptions.ConnectionFailed():
            return _kept(not_sent("not_sent", said))
        case exceptions.MessageNotSent():
            return _kept(not_sent("rejected", said))
    return Answer(messages.WARNING, _may_have_been_sent(said))


def _suppressed() -> Problem:
    return Problem(
        gettext("This customer must not be messaged: a suppression is in force"),
        advice=gettext("If the customer has since agreed, have the suppression lifted first."),
    )


def _conflict() -> Problem:
    return Problem(
        gettext("This form had already sent another reply"),
        gettext("See it in the conversation above."),
        gettext("If the text below should go out too, send it now."),
    )


def _misconfigured(exc: ImproperlyConfigured) -> Problem:
    return Problem(
        gettext("This site’s settings do not allow it to send from this conversation"),
        redact(str(exc)),
        gettext("Pass this on to the developers of this site."),
    )


def _may_have_been_sent(said: str) -> Problem:
    problem = unconfirmed(said)
    title = gettext("Your reply may have been sent: it is not known whether Vonage accepted it")
    return replace(problem, title=f"{title}. {problem.title}")


def _kept(problem: Problem) -> Answer:
    """Say first that nothing was sent, then why."""
    nothing = gettext("Your reply was not sent")
    meaning = " ".join(_sentence(part) for part in (problem.title, problem.meaning) if part)
    return Answer(messages.ERROR, Problem(nothing, meaning, problem.advice), keep_text=True)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
