"""The webhooks of v1 by the official document, where that is at hand, without its slips."""

import copy
from functools import cache
from typing import Any

from tests.openapi.documents import Document, load_document

V1 = "messages-v1.openapi.json"


def problems_of_webhook(name: str, body: object) -> list[str]:
    """Return why a body is no webhook of this name: ``message-status`` or ``inbound-message``."""
    document = _corrected_document()
    (call,) = document.data["x-webhooks"][name].values()
    content = call["post"]["requestBody"]["content"]
    return document.problems(body, content["application/json"]["schema"])


@cache
def _corrected_document() -> Document:
    """Return the document as it is meant to be read.

    It gives a status two lists of words of which none is in both, and names the member that two
    contents need after another content.
    """
    data: Any = copy.deepcopy(load_document(V1).data)
    schemas = data["components"]["schemas"]
    schemas["messageStatusBase"]["properties"]["status"]["enum"].append("read")
    for name in ("RCS", "WhatsApp", "Messenger", "Viber"):
        del schemas[f"messageStatus{name}"]["allOf"][-1]["properties"]["status"]
    schemas["WhatsAppInboundContact"]["allOf"][-1]["required"] = ["contacts"]
    schemas["Button"]["allOf"][-1]["required"] = ["button"]
    return Document(data)
