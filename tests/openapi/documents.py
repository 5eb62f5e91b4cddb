"""Validating schemas of an OpenAPI document of the reference."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from jsonschema import Draft4Validator

from tests.spec import spec_file

Schema = Mapping[str, Any]


class Document:
    """An OpenAPI 3.0 document. Its schemas are JSON Schema draft 4 plus ``nullable``."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def schema(self, name: str) -> Schema:
        """Return a schema of the components, with unresolved references."""
        found: Schema = self.data["components"]["schemas"][name]
        return found

    def problems(self, body: object, schema: Schema) -> list[str]:
        """Return the reasons why a body does not fit a schema of this document."""
        whole = {**schema, "components": self.data["components"]}
        return [error.message for error in Draft4Validator(whole).iter_errors(body)]

    def resolved(self, schema: Schema) -> Schema:
        """Return a schema with its own reference followed and ``allOf`` merged."""
        while "$ref" in schema:
            schema = self._follow(schema["$ref"])
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf", ()):
            merged = _merge(merged, self.resolved(part))
        return merged

    def _follow(self, pointer: str) -> Schema:
        found: Any = self.data
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found  # type: ignore[no-any-return]


@cache
def load_document(name: str) -> Document:
    """Return a document of the reference; skip the test if it is not available."""
    return Document(yaml.safe_load(spec_file(name).read_text(encoding="utf-8")))


def _merge(one: Schema, other: Schema) -> dict[str, Any]:
    """Return a schema with the requirements of both."""
    merged = {**one, **other}
    merged["required"] = [*one.get("required", ()), *other.get("required", ())]
    properties = dict(one.get("properties", {}))
    for name, schema in other.get("properties", {}).items():
        properties[name] = {"allOf": [properties[name], schema]} if name in properties else schema
    if properties:
        merged["properties"] = properties
    return merged
