"""A request's body as JSON."""

import json
from typing import NoReturn


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header announces JSON, with whatever parameters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def decode(body: bytes) -> object:
    """Return what a body holds. Raises ValueError where it is not JSON, or nests too deep."""
    try:
        return json.loads(body.decode(), parse_constant=_not_json)
    except RecursionError:
        raise ValueError("the body nests too deep") from None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
