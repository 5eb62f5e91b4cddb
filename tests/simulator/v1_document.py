"""Webhooks of v1 in the official document, if it is available, without its mistakes."""

import copy
from functools import cache
from typing import Any

from tests.openapi.documents import Document, load_document

V1 = "messages-v1.openapi.json"


def problems_of_webhook(name: str, body: object) -> list[str]:
    """Return the problems of a body as the webhook ``name``, such as ``message-status``."""
    document = _corrected_document()
    (call,) = document.data["x-webhooks"][name].values()
    content = call["post"]["requestBody"]["content"]
    return document.problems(body, content["application/json"]["schema"])


@cache
def _corrected_document() -> Document:
    """Return the document with two corrections.

    It has two disjoint lists of statuses, and two contents that require the member of another
    content.
    """
    data: Any = copy.deepcopy(load_document(V1).data)
    schemas = data["components"]["schemas"]
    schemas["messageStatusBase"]["properties"]["status"]["enum"].append("read")
    for name in ("RCS", "WhatsApp", "Messenger", "Viber"):
        del schemas[f"messageStatus{name}"]["allOf"][-1]["properties"]["status"]
    schemas["WhatsAppInboundContact"]["allOf"][-1]["required"] = ["contacts"]
    schemas["Button"]["allOf"][-1]["required"] = ["button"]
    return Document(data)
