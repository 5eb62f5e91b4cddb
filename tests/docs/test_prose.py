"""Docstrings begin with an imperative verb or a noun phrase, as the contributing guide requires."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django_vonage_messages
from tests.docs.blocks import ROOT

PACKAGES = [
    Path(django_vonage_messages.__file__).parent,
    ROOT / "example_project",
    ROOT / "benchmarks",
]
WH_WORD = re.compile(
    r"\W*(?:what|who|whose|whom|whoever|whatever|whichever|where|wherever|why|how|when|which)\b",
    re.IGNORECASE,
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(code: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each docstring, including those below attributes."""
    nodes = (node for node in ast.walk(ast.parse(code)) if isinstance(node, DOCUMENTED))
    for node in nodes:
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield statement.lineno, text


def wh_docstrings(package: Path) -> list[str]:
    """Return the place and first line of each docstring that begins with a wh-word."""
    return [
        f"{path.relative_to(package.parent)}:{line}: {text.strip().splitlines()[0]}"
        for path in sorted(package.rglob("*.py"))
        for line, text in docstrings(path.read_text(encoding="utf-8"))
        if WH_WORD.match(text)
    ]


def test_no_docstring_begins_with_a_wh_word() -> None:
    assert all(any(package.rglob("*.py")) for package in PACKAGES)
    found = [place for package in PACKAGES for place in wh_docstrings(package)]
    assert not found, "Begin these docstrings with a verb or a noun:\n" + "\n".join(found)


def test_docstrings_of_modules_classes_functions_and_attributes_are_found(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "example.py").write_text(
        '"""What it is."""\n'
        "LIMIT = 5\n"
        '"""Where it ends."""\n'
        "class Whole:\n"
        '    """Whole numbers."""\n'
        "    async def f(self):\n"
        '        """\n        How it works."""\n'
    )
    assert [place.partition(": ")[0] for place in wh_docstrings(package)] == [
        "package/example.py:1",
        "package/example.py:3",
        "package/example.py:7",
    ]
