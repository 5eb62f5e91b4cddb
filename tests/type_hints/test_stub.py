"""The stub of the package repeats the signatures and the contents of each channel."""

import ast
import inspect
from pathlib import Path
from typing import Any, get_args

import pytest

import django_vonage_messages
from django_vonage_messages.models import Channel, Direction, Status
from django_vonage_messages.models.choices import ChannelName, DirectionName, StatusName
from django_vonage_messages.options import OPTIONS_CLASSES
from django_vonage_messages.protocol.versions import API_VERSIONS

STUB = ast.parse(Path(django_vonage_messages.__file__).with_suffix(".pyi").read_text("utf-8"))
FUNCTIONS = [node for node in STUB.body if isinstance(node, ast.FunctionDef)]
ALIASES = {
    node.targets[0].id: node.value
    for node in STUB.body
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
}


def annotation(function: ast.FunctionDef, name: str) -> ast.expr:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    result = next(each.annotation for each in arguments if each.arg == name)
    assert result
    return result


def names_in(node: ast.expr) -> set[str]:
    """Return the classes of a union, with aliases resolved."""
    if isinstance(node, ast.BinOp):
        return names_in(node.left) | names_in(node.right)
    if isinstance(node, ast.Name) and node.id in ALIASES:
        return names_in(ALIASES[node.id])
    return {node.id} if isinstance(node, ast.Name) else set()


def overload_of(name: str, channel: str) -> ast.FunctionDef:
    for function in FUNCTIONS:
        alias = annotation(function, "channel")
        assert isinstance(alias, ast.Name)
        if function.name == name and alias.id.strip("_").lower() == channel:
            return function
    raise AssertionError(f"no overload of {name} for {channel}")


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: f"{each.name}-{each.lineno}")
def test_overloads_have_the_parameters_of_the_function(function: ast.FunctionDef) -> None:
    real = inspect.signature(getattr(django_vonage_messages, function.name))
    positional = [name for name, each in real.parameters.items() if each.kind != each.KEYWORD_ONLY]
    assert [each.arg for each in function.args.args] == positional
    keywords = {
        argument.arg: ast.literal_eval(default) if default else inspect.Parameter.empty
        for argument, default in zip(
            function.args.kwonlyargs, function.args.kw_defaults, strict=True
        )
    }
    expected = {name: each.default for name, each in real.parameters.items()}
    defaults = {name: value for name, value in keywords.items() if name != "channel"}
    assert defaults == {name: expected[name] for name in defaults}
    assert keywords.keys() == expected.keys() - set(positional)


@pytest.mark.parametrize("name", ["send_message", "queue_message"])
@pytest.mark.parametrize("channel", Channel.values)
def test_overloads_take_the_contents_and_options_of_the_channel(name: str, channel: str) -> None:
    overload = overload_of(name, channel)
    carried = {
        content.__name__
        for version in API_VERSIONS.values()
        for content in version.content_rules.get(channel, {})
    }
    assert names_in(annotation(overload, "content")) - {"str", "_StrPromise"} == carried
    assert OPTIONS_CLASSES[channel].__name__ in names_in(annotation(overload, "options"))


@pytest.mark.parametrize(
    ("literal", "choices"),
    [(ChannelName, Channel), (StatusName, Status), (DirectionName, Direction)],
)
def test_literals_of_columns_equal_the_choices(literal: Any, choices: Any) -> None:
    texts = {value for value in get_args(literal) if type(value) is str}
    members = {value for value in get_args(literal) if type(value) is choices}
    assert texts == set(choices.values)
    assert members == set(choices)
