"""Supported versions of the Messages API."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from django_vonage_messages.content import Content, Text
from django_vonage_messages.options import OPTIONS_CLASSES, Options
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.content_rules import ContentRules, TextRule
from django_vonage_messages.protocol.extra import ExtraConflict
from django_vonage_messages.protocol.option_rules import (
    OptionRules,
    option_problems,
    unknown_options,
)
from django_vonage_messages.protocol.v0_1 import capabilities as v0_1_capabilities
from django_vonage_messages.protocol.v0_1 import encoding as v0_1_encoding
from django_vonage_messages.protocol.v0_1 import parsing as v0_1_parsing
from django_vonage_messages.protocol.v1 import capabilities as v1_capabilities
from django_vonage_messages.protocol.v1 import encoding as v1_encoding
from django_vonage_messages.protocol.v1 import parsing as v1_parsing
from django_vonage_messages.protocol.webhook_payloads import WebhookPayload

_CONTENT_NAMES: Final[Mapping[type[Content], str]] = {Text: "Text (or a str)"}


class Encoder(Protocol):
    """Function that returns the JSON body of the request that sends a message."""

    def __call__(
        self,
        channel: Channel,
        *,
        to: str,
        sender: str,
        content: Content,
        options: Options | None,
        client_ref: str,
    ) -> dict[str, Any]: ...


@dataclass(frozen=True)
class ApiVersion:
    """Rules and request format of one version of the API."""

    name: str
    path: str
    client_ref_length: int
    content_rules: Mapping[str, ContentRules]  # by the name of the channel
    option_rules: Mapping[str, OptionRules]  # by the name of the channel
    check_combination: Callable[[Channel, Any, Any], Iterator[str]]
    encode: Encoder
    has_failover: bool = False  # True: Vonage sends the failover messages. False: this site does.

    def channels_for(self, content_class: type[Content]) -> list[str]:
        """Return the names of the channels that can send this class of content."""
        return [name for name, rules in self.content_rules.items() if content_class in rules]

    def text_limit(self, channel: str) -> int | None:
        """Return the maximum number of characters of a text, or None for no limit.

        Raises KeyError if the channel cannot send text.
        """
        rule = self.content_rules[channel][Text]
        return rule.limit if isinstance(rule, TextRule) else None

    def content_problems(self, channel: Channel, content: object) -> list[str]:
        """Return the reasons why the channel cannot send ``content``."""
        rules = self.content_rules[channel.name]
        for content_class, rule in rules.items():
            if type(content) is content_class:  # no subclasses: JSON would lose their fields
                return list(rule.problems(content))
        allowed = ", ".join(_CONTENT_NAMES.get(cls, cls.__name__) for cls in rules)
        others = versions_hint(
            lambda version: type(content) in version.content_rules.get(channel.name, ())
        )
        return [
            f"{channel.label} on API {self.name} allows {allowed}, not "
            f"{type(content).__name__}.{others}"
        ]

    def option_problems(self, channel: Channel, options: object) -> list[str]:
        """Return the reasons why ``options`` are invalid on the channel."""
        expected = OPTIONS_CLASSES[channel.name]
        if type(options) is not expected:
            return [f"The options of {channel.label} must be {expected.__name__}."]
        return list(self._option_problems(channel, options))

    def _option_problems(self, channel: Channel, options: Options) -> Iterator[str]:
        rules = self.option_rules.get(channel.name, {})
        for name in unknown_options(options, rules):
            hint = _option_hint(channel, name) or " Leave it out."
            yield f"{channel.label} on API {self.name} has no option {name}.{hint}"
        yield from option_problems(options, rules)

    def problems(
        self, channel: Channel, content: Content, options: Options | None, client_ref: str
    ) -> list[str]:
        """Return the reasons why this API version cannot send a stored message."""
        # The account's API_VERSION may have changed after the message was stored.
        if channel.name not in self.content_rules:
            return [f"API {self.name} cannot send on {channel.label}."]
        problems = self.content_problems(channel, content)
        if options is not None:
            problems += self.option_problems(channel, options)
        if len(client_ref) > self.client_ref_length:
            problems.append(f"The client_ref has more than {self.client_ref_length} characters.")
        return problems or self.combination_problems(channel, content, options)

    def combination_problems(
        self, channel: Channel, content: Content, options: Options | None
    ) -> list[str]:
        """Return the reasons why the content and the options cannot be sent together."""
        problems = list(self.check_combination(channel, content, options))
        if problems or options is None or options.extra is None:
            return problems
        try:
            self.encode(channel, to="", sender="", content=content, options=options, client_ref="")
        except ExtraConflict as exc:
            return [f"The extra would replace '{exc}' of the request. Remove '{exc}' from it."]
        return []


def versions_hint(supports: Callable[[ApiVersion], bool]) -> str:
    """Return a hint to use the API versions for which ``supports`` returns True."""
    names = (version.name for version in API_VERSIONS.values() if supports(version))
    return "".join(f" Use API {name} instead: set the account's API_VERSION." for name in names)


def _option_hint(channel: Channel, name: str) -> str:
    return versions_hint(lambda version: name in version.option_rules.get(channel.name, ()))


V0_1: Final = ApiVersion(
    name="v0.1",
    path=v0_1_encoding.PATH,
    client_ref_length=v0_1_encoding.CLIENT_REF_LENGTH,
    content_rules=v0_1_capabilities.CONTENT_RULES,
    option_rules=v0_1_capabilities.OPTION_RULES,
    check_combination=v0_1_capabilities.combination_problems,
    encode=v0_1_encoding.encode,
)

V1: Final = ApiVersion(
    name="v1",
    path=v1_encoding.PATH,
    client_ref_length=v1_encoding.CLIENT_REF_LENGTH,
    content_rules=v1_capabilities.CONTENT_RULES,
    option_rules=v1_capabilities.OPTION_RULES,
    check_combination=v1_capabilities.combination_problems,
    encode=v1_encoding.encode,
    has_failover=True,
)

API_VERSIONS: Final[Mapping[str, ApiVersion]] = MappingProxyType({V0_1.name: V0_1, V1.name: V1})


def parse_webhook(data: dict[str, Any]) -> WebhookPayload:
    """Parse a webhook of either version. Raises UnusableBody.

    The members of the body show which version it has.
    """
    return v1_parsing.parse(data) if v1_parsing.is_v1(data) else v0_1_parsing.parse(data)
