"""Every code block of the documentation runs or names existing things."""

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.docs.blocks import PAGES, ROOT, all_blocks, blocks_of
from tests.docs.running import run_page

LANGUAGES = {"python", "sh", "text", "apache", "html", "ini", "json", "nginx"}
DIRECTIVES = {
    "{include}",
    "{toctree}",
    "{eval-rst}",
    "{error-codes}",
    "{http-errors}",
    "{simulator-outcomes}",
    "{model-fields}",
    "{warning}",
}
WIDTH = 88
ASSIGNMENT = re.compile(r"[A-Z_]+=")


def pages_with_python() -> list[Path]:
    return [page for page in PAGES if any(b.language == "python" for b in blocks_of(page))]


def test_pages_contain_python() -> None:
    assert {"README.md", "install.md", "sending.md"} <= {page.name for page in pages_with_python()}


def test_every_block_has_a_known_language() -> None:
    for block in all_blocks():
        assert block.language in LANGUAGES | DIRECTIVES, block
        if block.language == "json":
            json.loads(block.code)


def test_lines_fit_the_page() -> None:
    for block in all_blocks("python", "sh"):
        assert max(map(len, block.code.splitlines())) <= WIDTH, block


@pytest.mark.parametrize("page", pages_with_python(), ids=lambda page: page.name)
@pytest.mark.usefixtures("receivers_restored")
def test_python_of_a_page_runs(page: Path, namespace: dict[str, Any], tmp_path: Path) -> None:
    run_page(page, namespace, tmp_path)


def test_shell_blocks_name_existing_commands() -> None:
    for block in all_blocks("sh"):
        for line in block.code.splitlines():
            check_command(shlex.split(line, comments=True))


def test_cron_and_systemd_name_commands_that_exist() -> None:
    blocks = [b for b in all_blocks("ini", "text") if b.name in {"crontab", "systemd"}]
    commands = [line for b in blocks for line in b.code.splitlines() if "manage.py" in line]
    assert len(commands) >= 3
    for line in commands:
        check_command(["python", *shlex.split(line[line.index("manage.py") :])])


def test_nginx_passes_bodies_of_the_size_that_the_app_accepts() -> None:
    blocks = all_blocks("nginx")
    assert blocks
    for block in blocks:
        (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", block.code)
        assert int(megabytes) * 1024 * 1024 > BODY_LIMIT, block


def check_command(words: list[str]) -> None:
    while ASSIGNMENT.match(words[0]):
        script = re.search(r"\$\((.*)\)", words.pop(0))
        assert script is None or (ROOT / script[1]).is_file()
    match words:
        case ["make", target, *variables]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert f"\n{target}:" in makefile
            assert all(f"$({variable.partition('=')[0]})" in makefile for variable in variables)
        case ["export", assignment]:
            assert assignment.partition("=")[1]
        case [python, "manage.py", command, *options] if is_python(python):
            parser = load_command_class(get_commands()[command], command)
            parser.create_parser("manage.py", command).parse_args(options)
        case [".venv/bin/pre-commit", "run", "--all-files"]:
            assert (ROOT / ".pre-commit-config.yaml").is_file()
        case [python, "-m", "build", "--no-isolation"] if is_python(python):
            assert (ROOT / "pyproject.toml").is_file()
        case [python, "-m", "venv", ".venv"]:
            assert python == "python3"
        case [python, "-m", "pip", "install", *arguments] if is_python(python):
            check_installation(arguments)
        case [python, "-m", "pytest", "-m", marker] if is_python(python):
            assert marker in (ROOT / "Makefile").read_text(encoding="utf-8")
        case _:
            pytest.fail(f"Nothing checks this command: {shlex.join(words)}")


def is_python(word: str) -> bool:
    return word in {"python", "python3", ".venv/bin/python"}


def check_installation(arguments: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    match arguments:
        case ["--require-hashes", "-r", lock]:
            assert (ROOT / lock).is_file()
        case [name]:
            assert name.rpartition("/")[2].replace("_", "-") == project["name"]
        case _:
            pytest.fail(f"Nothing checks this installation: {arguments}")
