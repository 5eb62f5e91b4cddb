"""The argument ``extra``: a dict that is added to the JSON of a request, or of an object in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django_vonage_messages.content.base import non_empty_fields
from django_vonage_messages.protocol.value_checks import object_problems


class ExtraConflict(ValueError):
    """The option ``extra`` would replace a member of the request.

    The text of the exception is the path of the member, such as ``sms.ttl``.
    """


def add_extra(body: dict[str, Any], extra: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return the request with the members of ``extra``. Raises ExtraConflict.

    ``path`` is the place of ``body`` in the request, such as ``sms.``.
    """
    merged = dict(body)
    for key, value in extra.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(merged[key], dict) and isinstance(value, dict):
            merged[key] = add_extra(merged[key], value, f"{path}{key}.")
        else:
            raise ExtraConflict(f"{path}{key}")
    return merged


def expand_extras(value: Any) -> Any:
    """Return the JSON of content or suggestions, with each ``extra`` added to its object."""
    if isinstance(value, list):
        return [expand_extras(each) for each in value]
    if not isinstance(value, dict):
        return value
    members = {key: expand_extras(each) for key, each in value.items() if key != "extra"}
    return members | value.get("extra", {})


def extra_problems(content: Any) -> Iterator[str]:
    """Yield the problems of the ``extra`` of a file, a card or a suggestion."""
    extra = content.extra
    if extra is None:
        return
    yield from object_problems(extra, "extra")
    if isinstance(extra, dict):
        # "type" and "text" are members of the JSON that the classes do not have as fields.
        for key in sorted({"type", "text", *non_empty_fields(content)} & extra.keys()):
            yield f"The extra would replace '{key}'. Remove '{key}' from it."
