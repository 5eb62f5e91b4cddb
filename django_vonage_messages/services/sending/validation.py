"""Validation of messages to send."""

from collections import defaultdict
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.debug import sensitive_variables
from phonenumbers import PhoneNumber, PhoneNumberFormat, format_number

from django_vonage_messages.conf import Account, get_account
from django_vonage_messages.content import Content, Text, load_content
from django_vonage_messages.exceptions import InvalidMessage
from django_vonage_messages.failover import Failover
from django_vonage_messages.models import Message
from django_vonage_messages.models.related_id import RELATED_ID_LENGTH, related_id_of
from django_vonage_messages.options import Options, load_options
from django_vonage_messages.protocol.addresses import InvalidAddress
from django_vonage_messages.protocol.channels import (
    SMS,
    AddressType,
    Channel,
    get_channel,
    normalize_recipient,
    normalize_sender_address,
)
from django_vonage_messages.protocol.sanitize import sanitize, sanitize_text
from django_vonage_messages.protocol.versions import API_VERSIONS, ApiVersion, versions_hint
from django_vonage_messages.services.db.transactions import current_time

Problems = defaultdict[str, list[str]]

IDEMPOTENCY_KEY_LENGTH = 200
MAX_FAILOVER = 10


@dataclass(frozen=True)
class ValidatedMessage:
    """Validated and normalised arguments of ``send_message()``."""

    account: Account
    channel: Channel
    to: str
    sender: str
    content: Content
    options: Options | None = None
    client_ref: str = ""
    idempotency_key: str = ""
    related: Model | None = None
    created_by: Any = field(default=None, repr=False)
    resend_of: Message | None = None
    is_answer: bool = False  # a person answers a customer
    failover: "tuple[ValidatedMessage, ...]" = ()

    @property
    def recipients(self) -> list[tuple[str, str, str]]:
        """The ``to`` address, channel and sender of this message and of each failover message."""
        messages = (self, *self.failover)
        return [(each.to, each.channel.name, each.sender) for each in messages]

    def __repr__(self) -> str:
        return f"<ValidatedMessage {self.channel.name} for {self.account!r}>"


@sensitive_variables("to", "content")
def validate_message(
    to: object,
    content: object,
    *,
    channel: str,
    sender: object,
    account: str,
    options: object,
    client_ref: object,
    idempotency_key: object,
    related: Model | None,
    created_by: Any,
    resend_of: Message | None = None,
    failover: object = (),
) -> ValidatedMessage:
    """Return the validated message, or raise InvalidMessage with all problems."""
    problems: Problems = defaultdict(list)
    sending_account = get_account(account)
    version = API_VERSIONS[sending_account.api_version]
    sending_channel = _channel(channel, version, problems)
    message = ValidatedMessage(
        account=sending_account,
        channel=sending_channel,
        to=_recipient(to, sending_channel, sending_account, problems),
        sender=_sender(sender, sending_channel, sending_account, problems),
        content=_content(content, sending_channel, version, problems),
        options=_options(options, sending_channel, version, problems),
        client_ref=_limited("client_ref", client_ref, version.client_ref_length, problems),
        idempotency_key=_limited(
            "idempotency_key", idempotency_key, IDEMPOTENCY_KEY_LENGTH, problems
        ),
        related=_related(related, problems),
        created_by=_created_by(created_by, problems),
        resend_of=resend_of,
        failover=_failover(failover, to, sending_channel, account, problems, related, created_by),
    )
    if not problems:
        combined = version.combination_problems(message.channel, message.content, message.options)
        problems["options"] += combined
    if any(problems.values()):
        raise InvalidMessage({name: texts for name, texts in problems.items() if texts})
    return message


def validate_times(send_at: datetime | None, expires_at: datetime | None) -> None:
    """Raise InvalidMessage if a time is invalid, or if the message would expire too early."""
    problems: dict[str, list[str]] = {}
    for name, moment in (("send_at", send_at), ("expires_at", expires_at)):
        if moment is not None and not _is_valid_time(moment):
            text = "This must be a datetime with a time zone, from year 2 to year 9998."
            problems[name] = [text]
    if not problems and expires_at is not None and expires_at <= (send_at or current_time()):
        problems["expires_at"] = ["This must be later than send_at, and in the future."]
    if problems:
        raise InvalidMessage(problems)


def _related(related: Model | None, problems: Problems) -> Model | None:
    if related is not None and not _is_saved(related):
        problems["related"].append("The related object must be a saved model instance.")
    elif related is not None and not _can_be_referred_to(related):
        problems["related"].append("The related object's primary key cannot be stored as text.")
    return related


def _created_by(user: Any, problems: Problems) -> Any:
    if user is not None and not (isinstance(user, get_user_model()) and _is_saved(user)):
        problems["created_by"].append("This must be a saved user or None.")
    return user


def _can_be_referred_to(related: Model) -> bool:
    return not isinstance(related.pk, tuple) and len(related_id_of(related)) <= RELATED_ID_LENGTH


def _is_saved(related: object) -> bool:
    return isinstance(related, Model) and related.pk is not None and not related._state.adding


def _channel(name: object, version: ApiVersion, problems: Problems) -> Channel:
    channel = get_channel(name) if isinstance(name, str) else None
    if channel is not None and channel.name in version.content_rules:
        return channel
    usable = ", ".join(version.content_rules)
    if channel is None:
        problems["channel"].append(f"Unknown channel; use one of {usable}.")
    else:
        hint = versions_hint(lambda other: channel.name in other.content_rules)
        problems["channel"].append(
            f"API {version.name} cannot send on {channel.label}; use one of {usable}.{hint}"
        )
    return SMS  # a substitute, so that validation can find more problems


def _recipient(to: object, channel: Channel, account: Account, problems: Problems) -> str:
    text = _text_of_recipient(to)
    if not isinstance(text, str):
        expected = "a phone number" if channel.customer_address_type == "number" else "an id"
        problems["to"].append(f"The recipient must be {expected}, as text.")
        return ""
    try:
        return normalize_recipient(channel, text, account.region)
    except InvalidAddress as exc:
        problems["to"].append(str(exc))
        return ""


def _text_of_recipient(to: object) -> object:
    if isinstance(to, PhoneNumber) and not hasattr(to, "as_e164"):
        is_complete = to.country_code is not None and to.national_number is not None
        return format_number(to, PhoneNumberFormat.E164) if is_complete else None
    return to if isinstance(to, str) else getattr(to, "as_e164", None)


def _sender(sender: object, channel: Channel, account: Account, problems: Problems) -> str:
    if sender is None:
        senders = account.senders(channel)
        if senders:
            return senders[0]
        problems["sender"].append(
            f"There is no sender: pass sender=…, or set SENDERS[{channel.name!r}] of the account "
            f"{account.alias!r}."
        )
    elif not isinstance(sender, str):
        problems["sender"].append("The sender must be text.")
    else:
        try:
            return normalize_sender_address(channel, sender, account.region)
        except InvalidAddress as exc:
            problems["sender"].append(str(exc))
    return ""


def _content(content: object, channel: Channel, version: ApiVersion, problems: Problems) -> Content:
    value: Any = _resolve_lazy(content)
    value = Text(value) if isinstance(value, str) else value
    if content_problems := version.content_problems(channel, value):
        problems["content"] += content_problems
        return Text("")
    return load_content(value.content_type, sanitize(value.as_json()))


def _resolve_lazy(value: Any, depth: int = 5) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if not depth:
        return value
    if type(value) in (list, tuple):
        return type(value)(_resolve_lazy(each, depth - 1) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        resolved = {name: _resolve_lazy(each, depth - 1) for name, each in given.items()}
        changed = any(resolved[name] is not each for name, each in given.items())
        return replace(value, **resolved) if changed else value
    return value


def _options(
    options: object, channel: Channel, version: ApiVersion, problems: Problems
) -> Options | None:
    if options is None:
        return None
    given: Any = _resolve_lazy(options)
    if option_problems := version.option_problems(channel, given):
        problems["options"] += option_problems
        return None
    return load_options(channel.name, sanitize(given.as_json()))


def _failover(
    failover: object,
    to: object,
    channel: Channel,
    account: str,
    problems: Problems,
    related: Model | None,
    created_by: Any,
) -> tuple[ValidatedMessage, ...]:
    if not isinstance(failover, list | tuple) or any(
        type(each) is not Failover for each in failover
    ):
        problems["failover"].append("The failover must be a list of Failover objects.")
        return ()
    if len(failover) > MAX_FAILOVER:
        problems["failover"].append(f"The failover has more than {MAX_FAILOVER} messages.")
        return ()
    messages = []
    for number, each in enumerate(failover, start=1):
        address_type = _customer_address_type(each.channel)
        if each.to is None and address_type != channel.customer_address_type:
            problems["failover"].append(
                f"Failover {number}, to: this is required, because the address of the first "
                f"message cannot be used on {each.channel}."
            )
            continue
        try:
            messages.append(_validate_failover(each, to, account, related, created_by))
        except InvalidMessage as exc:
            for name, texts in exc.message_dict.items():
                problems["failover"] += (f"Failover {number}, {name}: {text}" for text in texts)
    return tuple(messages)


def _customer_address_type(name: object) -> AddressType:
    channel = get_channel(name) if isinstance(name, str) else None
    return channel.customer_address_type if channel else "number"


def _validate_failover(
    failover: Failover, to: object, account: str, related: Model | None, created_by: Any
) -> ValidatedMessage:
    return validate_message(
        to if failover.to is None else failover.to,
        failover.content,
        channel=failover.channel,
        sender=failover.sender,
        account=account,
        options=failover.options,
        client_ref=failover.client_ref,
        idempotency_key="",
        related=related,
        created_by=created_by,
    )


def _limited(name: str, value: object, limit: int, problems: Problems) -> str:
    if not isinstance(value, str):
        problems[name].append("This must be text.")
        return ""
    if len(value) > limit:
        problems[name].append(f"This has {len(value)} characters; at most {limit} are allowed.")
    return sanitize_text(value)


def _is_valid_time(moment: object) -> bool:
    if not isinstance(moment, datetime) or timezone.is_naive(moment):
        return False
    try:
        year = moment.astimezone(UTC).year
    except OverflowError:
        return False
    return 1 < year < 9999  # in any time zone, the admin can show the time
