"""Judging a message before anything is stored or sent."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.views.decorators.debug import sensitive_variables

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.content import Content, Text
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.models import Message
from django_vonage_messages.models.keys import key_of
from django_vonage_messages.protocol import v0_1
from django_vonage_messages.protocol.addresses import (
    InvalidAddress,
    normalize_number,
    normalize_sender,
)
from django_vonage_messages.protocol.channels import SMS, Channel, find_channel
from django_vonage_messages.protocol.storable import storable_text

Problems = defaultdict[str, list[str]]

IDEMPOTENCY_KEY_LENGTH = 200
RELATED_ID_LENGTH = 191


@dataclass(frozen=True)
class Prepared:
    """A message that can be sent, with everything normalised."""

    account: Account
    channel: Channel
    to: str
    sender: str
    content: Content
    client_ref: str = ""
    idempotency_key: str = ""
    related: Model | None = None
    created_by: Any = field(default=None, repr=False)
    resend_of: Message | None = None

    def __repr__(self) -> str:
        return f"<Prepared {self.channel.name} for {self.account!r}>"

    @property
    def digest(self) -> str:
        """What makes two calls the same message: where it goes, from whom, and what it says."""
        content = self.content
        said = key_of(content.content_type, *map(str, content.as_json().values()))
        return key_of(self.channel.name, self.to, self.sender, said, self.client_ref)

    @property
    def stored_idempotency_key(self) -> str | None:
        if not self.idempotency_key:
            return None
        return key_of(self.account.alias, self.idempotency_key)


@sensitive_variables("to", "content")
def prepare(
    to: object,
    content: object,
    *,
    channel: str,
    sender: object,
    account: str,
    client_ref: object,
    idempotency_key: object,
    related: Model | None,
    created_by: Any,
    resend_of: Message | None = None,
) -> Prepared:
    """Return the message that the caller means. Raises InvalidMessage with every problem at once,
    and ImproperlyConfigured for an account that does not exist or is not usable.
    """
    problems: Problems = defaultdict(list)
    settings = get_account(account)
    found = _channel(channel, problems)
    prepared = Prepared(
        account=settings,
        channel=found,
        to=_recipient(to, settings, problems),
        sender=_sender(sender, found, settings, problems),
        content=_content(content, found, problems),
        client_ref=_limited("client_ref", client_ref, v0_1.CLIENT_REF_LENGTH, problems),
        idempotency_key=_limited(
            "idempotency_key", idempotency_key, IDEMPOTENCY_KEY_LENGTH, problems
        ),
        related=related,
        created_by=created_by,
        resend_of=resend_of,
    )
    if related is not None and not _is_saved(related):
        problems["related"].append("The related object must be a model instance that is saved.")
    elif related is not None and not _can_be_referred_to(related):
        problems["related"].append("The related object's primary key cannot be kept as text.")
    if created_by is not None and not (
        isinstance(created_by, get_user_model()) and _is_saved(created_by)
    ):
        problems["created_by"].append("This must be a saved user, or None for nobody.")
    if problems:
        raise InvalidMessage(problems)
    return prepared


def _can_be_referred_to(related: Model) -> bool:
    return not isinstance(related.pk, tuple) and len(str(related.pk)) <= RELATED_ID_LENGTH


def _is_saved(related: object) -> bool:
    return isinstance(related, Model) and related.pk is not None and not related._state.adding


def _channel(name: object, problems: Problems) -> Channel:
    channel = find_channel(name) if isinstance(name, str) else None
    if channel is None:
        problems["channel"].append("There is no such channel; use 'sms'.")
    elif not channel.content_types:
        problems["channel"].append(f"Sending on {channel.name} is not supported; use 'sms'.")
    return channel if channel and channel.content_types else SMS


def _recipient(to: object, account: Account, problems: Problems) -> str:
    text = to if isinstance(to, str) else getattr(to, "as_e164", None)
    if not isinstance(text, str):
        problems["to"].append("The recipient must be a phone number, as text.")
        return ""
    try:
        return normalize_number(text, account.region)
    except InvalidAddress as exc:
        problems["to"].append(str(exc))
        return ""


def _sender(sender: object, channel: Channel, account: Account, problems: Problems) -> str:
    if sender is None:
        senders = account.senders(channel)
        if senders:
            return senders[0]
        problems["sender"].append(
            f"There is no sender: give one, or set SENDERS[{channel.name!r}] of the account "
            f"{account.alias!r}."
        )
    elif not isinstance(sender, str):
        problems["sender"].append("The sender must be text.")
    else:
        try:
            return normalize_sender(sender, account.region)
        except InvalidAddress as exc:
            problems["sender"].append(str(exc))
    return ""


def _content(content: object, channel: Channel, problems: Problems) -> Text:
    value = Text(content) if isinstance(content, str) else content
    if not isinstance(value, Text) or not isinstance(value.text, str):
        problems["content"].append(
            f"The content of a message on {channel.name} must be a str or a Text."
        )
        return Text("")
    if found := v0_1.text_problems(value.text):
        problems["content"].extend(found)
    return Text(storable_text(value.text))


def _limited(name: str, value: object, limit: int, problems: Problems) -> str:
    if not isinstance(value, str):
        problems[name].append("This must be text.")
        return ""
    if len(value) > limit:
        problems[name].append(f"This has {len(value)} characters; at most {limit} are allowed.")
    return storable_text(value)
