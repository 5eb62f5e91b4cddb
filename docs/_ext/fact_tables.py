"""Sphinx directives that generate tables from the code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

from django.apps import apps
from django.db.models import Field, ForeignKey
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from django_vonage_messages.protocol.error_codes import ERROR_CODES, HTTP_ERRORS, ErrorCode
from django_vonage_messages.simulator.scenarios import (
    BLOCK,
    ON_CHANNEL,
    OUTCOMES,
    describe_channels,
)

Row = Sequence[str]

LONG: Final = 32
"""Length from which a name may wrap in a table."""
INTERNAL: Final = frozenset(
    {
        "address_key",
        "body_key",
        "claim_expires_at",
        "claim_token",
        "dedupe_key",
        "idempotency_digest",
        "inbound_key",
        "key",
    }
)
"""Columns that only the package needs, for its queries."""


class FactTable(SphinxDirective):
    """A table of plain text. The columns in ``literal`` are formatted as code."""

    headers: ClassVar[Row]
    literal: ClassVar[frozenset[int]] = frozenset({0})

    def rows(self) -> Iterator[Row]:
        """Yield the cells of each row."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in self.headers))
        group["cols"] = len(self.headers)
        head = [nodes.entry("", nodes.paragraph(text=text)) for text in self.headers]
        group += nodes.thead("", nodes.row("", *head))
        group += nodes.tbody("", *(self._row(row) for row in self.rows()))
        return [nodes.table("", group, classes=["colwidths-auto"])]

    def _row(self, row: Row) -> nodes.row:
        return nodes.row("", *(self._cell(number, text) for number, text in enumerate(row)))

    def _cell(self, number: int, text: str) -> nodes.entry:
        shown = nodes.literal(text=text) if number in self.literal and text else nodes.Text(text)
        return nodes.entry("", nodes.paragraph("", "", shown))


class ErrorCodes(FactTable):
    """All error codes of a status."""

    headers = ("Code", "Title", "Meaning", "What to do", "Owner", "Temporary")
    errors: ClassVar[Mapping[str, ErrorCode]] = ERROR_CODES

    def rows(self) -> Iterator[Row]:
        for error in self.errors.values():
            temporary = "yes" if error.temporary else ""
            owner = error.owner.label
            yield (error.code, error.title, error.meaning, error.advice, owner, temporary)


class HttpErrors(ErrorCodes):
    """All error codes of a response to a send request."""

    errors = HTTP_ERRORS


class SimulatorOutcomes(FactTable):
    """The simulator's recipients and their outcomes."""

    headers = ("Recipient", "Outcome", "What happens")
    literal = frozenset({0, 1})

    def rows(self) -> Iterator[Row]:
        for outcome in OUTCOMES:
            yield (BLOCK + outcome.ending, outcome.name, outcome.summary)
        yield (ON_CHANNEL, "", describe_channels())
        yield ("any other number", OUTCOMES[0].name, OUTCOMES[0].summary)


class ModelFields(FactTable):
    """The columns of the model in the directive's argument."""

    required_arguments = 1
    headers = ("Field", "Type", "Can be NULL")

    def rows(self) -> Iterator[Row]:
        model = apps.get_model("vonage_messages", self.arguments[0])
        for field in model._meta.get_fields():
            if isinstance(field, Field) and field.name not in INTERNAL:
                yield (field.name, _type_of(field), "yes" if field.null else "")


def _type_of(field: "Field[object, object]") -> str:
    name = type(field).__name__
    if isinstance(field, ForeignKey):
        return f"{name} to {field.related_model._meta.label}"
    return f"{name}({field.max_length})" if field.max_length else name


def mark_long_names(_app: Sphinx, page: nodes.document, _name: str) -> None:
    """Mark long names, so that the style sheet wraps them and tables do not get too wide."""
    for literal in page.findall(nodes.literal):
        if len(literal.astext()) > LONG:
            literal["classes"].append("long")
    for entry in page.findall(nodes.entry):
        for text in list(entry.findall(nodes.Text)):
            if not isinstance(text.parent, nodes.literal):
                text.parent.replace(text, list(_with_long_words(text)))


def _with_long_words(text: nodes.Text) -> Iterator[nodes.Node]:
    for number, part in enumerate(re.split(rf"(\S{{{LONG},}})", text)):
        yield nodes.inline("", part, classes=["long"]) if number % 2 else nodes.Text(part)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("error-codes", ErrorCodes)
    app.add_directive("http-errors", HttpErrors)
    app.add_directive("simulator-outcomes", SimulatorOutcomes)
    app.add_directive("model-fields", ModelFields)
    app.connect("doctree-resolved", mark_long_names)
    return {"parallel_read_safe": True}
