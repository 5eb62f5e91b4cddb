"""``message.content``: which content types each channel takes, and what each of them must hold.

(Source: the v0.1 OpenAPI document; ``custom``: developer.vonage.com, "Custom objects".)
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from django_vonage_messages.simulator.answers import invalid
from django_vonage_messages.simulator.channels import (
    MESSENGER,
    MMS,
    SMS,
    VIBER,
    WHATSAPP,
    Channel,
)
from django_vonage_messages.simulator.forms import is_url
from django_vonage_messages.simulator.v0_1.members import (
    a_string,
    an_object,
    check_unicode,
    join,
    members,
    one_of,
    string,
)

_PATH: Final = "message.content"

_Check = Callable[[object, str], str]
"""Judge the member of a content type, at a path; return the words in it that a customer reads."""


def judge_content(channel: Channel, value: object) -> tuple[Mapping[str, Any], str]:
    """Return the content of a message and the words in it, or "". Raises ApiError."""
    checks = CONTENTS[channel.name]
    content = an_object(value, _PATH)
    content_type = one_of({"type": content.get("type")}, _PATH, "type", checks)
    members(content, _PATH, {"type", content_type})
    return content, checks[content_type](content[content_type], join(_PATH, content_type))


def _text(value: object, path: str, longest: int | None = None) -> str:
    text = a_string(value, path, shortest=1)
    if longest is not None and len(text) > longest:
        raise invalid(f"{path} must be at most {longest} characters.")
    return text


def _media(value: object, path: str, captions: bool = False) -> str:
    optional = {"caption"} if captions else set()
    data = members(value, path, {"url"}, optional)
    if not is_url(string(data, path, "url")):
        raise invalid(f"{path}.url must be an absolute http or https URL.")
    return string(data, path, "caption") if "caption" in data else ""


def _template(value: object, path: str) -> str:
    data = members(value, path, {"name"}, {"parameters"})
    string(data, path, "name", shortest=1)
    parameters = data.get("parameters", [])
    if not isinstance(parameters, list):
        raise invalid(f"{path}.parameters must be an array.")
    for number, parameter in enumerate(parameters):
        a_string(parameter, f"{path}.parameters[{number}]")
    return ""


def _custom(value: object, path: str) -> str:
    """Judge an object of the provider's own: nothing is known of it but that it is one."""
    left: list[object] = [an_object(value, path)]
    while left:  # not by recursion, whose depth a request could use up
        match left.pop():
            case dict() as inner:
                left += [*inner.keys(), *inner.values()]
            case list() as inner:
                left += inner
            case str() as text:
                check_unicode(text, path)
    return ""


_captioned: Final = partial(_media, captions=True)

CONTENTS: Final[Mapping[str, Mapping[str, _Check]]] = MappingProxyType(
    {
        SMS.name: {"text": partial(_text, longest=1000)},
        MMS.name: {"image": _media},
        WHATSAPP.name: {
            "text": partial(_text, longest=4096),
            "template": _template,
            "image": _captioned,
            "video": _media,
            "audio": _media,
            "file": _captioned,
            "custom": _custom,
        },
        VIBER.name: {
            "text": partial(_text, longest=1000),
            "image": _media,
            "template": _template,
            "custom": _custom,
        },
        MESSENGER.name: {
            "text": _text,
            "image": _media,
            "video": _media,
            "audio": _media,
            "file": _media,
            "custom": _custom,
        },
    }
)
"""Channel, content type, and how its member is judged."""
