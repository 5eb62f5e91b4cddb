"""The versions of the Messages API that are spoken: what each can send, and how."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from django_vonage_messages.content import Content, Text
from django_vonage_messages.options import OPTIONS_CLASSES, Options
from django_vonage_messages.protocol.channels import Channel
from django_vonage_messages.protocol.option_rules import OptionRules, option_problems
from django_vonage_messages.protocol.rules import ContentRule, TextRule
from django_vonage_messages.protocol.v0_1 import contents as v0_1_contents
from django_vonage_messages.protocol.v0_1 import encoding as v0_1_encoding
from django_vonage_messages.protocol.v0_1 import options as v0_1_options
from django_vonage_messages.protocol.v0_1 import webhooks as v0_1_webhooks
from django_vonage_messages.protocol.v1 import contents as v1_contents
from django_vonage_messages.protocol.v1 import encoding as v1_encoding
from django_vonage_messages.protocol.v1 import options as v1_options
from django_vonage_messages.protocol.v1 import webhooks as v1_webhooks
from django_vonage_messages.protocol.v1.encoding import ExtraConflict
from django_vonage_messages.protocol.webhook_payloads import WebhookPayload

_NAMES: Final[Mapping[type[Content], str]] = {Text: "Text (or a str)"}


class Encode(Protocol):
    """Returns the JSON body of a send, of parts that have been judged and normalised."""

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
    """One version: where its sends go, what it carries, and the body that it takes.

    ``contents`` holds, for each channel, a rule for each content class that it carries, and
    ``options`` one for each option, by its name. ``problems_together`` judges both as a pair.
    ``has_failover`` says that Vonage itself goes on to the next message of a workflow.
    """

    name: str
    path: str
    client_ref_length: int
    contents: Mapping[str, Mapping[type[Content], ContentRule]]
    options: Mapping[str, OptionRules]
    problems_together: Callable[[Channel, Any, Any], Iterator[str]]
    encode: Encode
    has_failover: bool = False

    def channels_with(self, content_class: type[Content]) -> list[str]:
        """Return the names of the channels that carry this content."""
        return [name for name, rules in self.contents.items() if content_class in rules]

    def text_limit(self, channel: str) -> int | None:
        """Return how many characters a text on a channel may have, or None for any number.

        Raises KeyError for a channel that carries no text.
        """
        rule = self.contents[channel][Text]
        return rule.limit if isinstance(rule, TextRule) else None

    def content_problems(self, channel: Channel, content: object) -> list[str]:
        """Return what is wrong with a content on a channel, a sentence each."""
        rules = self.contents[channel.name]
        for content_class, rule in rules.items():
            if type(content) is content_class:  # a subclass may say more than can be kept
                return list(rule.problems(content))
        carried = ", ".join(_NAMES.get(kind, kind.__name__) for kind in rules)
        others = versions_that(lambda version: type(content) in version.carried(channel))
        return [
            f"{channel.label} on API {self.name} carries {carried}; this is "
            f"{type(content).__name__}.{others}"
        ]

    def carried(self, channel: Channel) -> Mapping[type[Content], ContentRule]:
        """Return the rules of a channel's contents, none where the version has no such channel."""
        return self.contents.get(channel.name, {})

    def option_problems(self, channel: Channel, options: object) -> list[str]:
        """Return what is wrong with the options given for a channel, a sentence each."""
        where = f"{channel.label} on API {self.name}"
        rules = self.options.get(channel.name)
        if rules is None:
            others = versions_that(lambda version: channel.name in version.options)
            return [f"{channel.label} has no options on API {self.name}.{others}"]
        expected = OPTIONS_CLASSES[channel.name]
        if type(options) is not expected:
            return [f"The options of {channel.label} are {expected.__name__}."]
        return list(option_problems(options, rules, where))

    def problems(
        self, channel: Channel, content: Content, options: Options | None, client_ref: str
    ) -> list[str]:
        """Return why a message that was judged before, maybe by another version, cannot be sent."""
        if channel.name not in self.contents:
            return [f"API {self.name} cannot send on {channel.label}."]
        found = self.content_problems(channel, content)
        if options is not None:
            found += self.option_problems(channel, options)
        if len(client_ref) > self.client_ref_length:
            found.append(f"The client_ref has more than {self.client_ref_length} characters.")
        return found or self.pair_problems(channel, content, options)

    def pair_problems(
        self, channel: Channel, content: Content, options: Options | None
    ) -> list[str]:
        """Return what is wrong with a content and its options, which are right each by itself."""
        problems = list(self.problems_together(channel, content, options))
        if problems or options is None or options.extra is None:
            return problems
        try:
            self.encode(channel, to="", sender="", content=content, options=options, client_ref="")
        except ExtraConflict as exc:
            return [f"The extra would change {exc}, which the message says already: leave it out."]
        return []


def versions_that(can: Callable[[ApiVersion], bool]) -> str:
    """Return a sentence that says which versions can do what another cannot, or ""."""
    able = (version.name for version in API_VERSIONS.values() if can(version))
    return "".join(f" API {name} can: see the account's API_VERSION." for name in able)


V0_1: Final = ApiVersion(
    name="v0.1",
    path=v0_1_encoding.PATH,
    client_ref_length=v0_1_encoding.CLIENT_REF_LENGTH,
    contents=v0_1_contents.CONTENT_RULES,
    options=v0_1_options.OPTION_RULES,
    problems_together=v0_1_options.problems_together,
    encode=v0_1_encoding.encode,
)

V1: Final = ApiVersion(
    name="v1",
    path=v1_encoding.PATH,
    client_ref_length=v1_encoding.CLIENT_REF_LENGTH,
    contents=v1_contents.CONTENT_RULES,
    options=v1_options.OPTION_RULES,
    problems_together=v1_options.problems_together,
    encode=v1_encoding.encode,
    has_failover=True,
)

API_VERSIONS: Final[Mapping[str, ApiVersion]] = MappingProxyType({V0_1.name: V0_1, V1.name: V1})


def parse_webhook(data: dict[str, Any]) -> WebhookPayload:
    """Return what a webhook's body says, in whichever version's form it came. Raises UnusableBody.

    The form is told from the body alone: an account's settings do not decide it.
    """
    return v1_webhooks.parse(data) if v1_webhooks.is_v1(data) else v0_1_webhooks.parse(data)
