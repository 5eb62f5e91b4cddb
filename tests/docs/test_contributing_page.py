"""The contributing page names existing targets and modules; the Git hooks need no network."""

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

import django_vonage_messages
from tests.docs.blocks import ROOT, all_blocks

PACKAGE = Path(django_vonage_messages.__file__).parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def targets(line: str) -> list[str]:
    """Return the prerequisites of a target in the Makefile."""
    found = re.search(rf"^{line}: ([^#\n]*)##", MAKEFILE, re.MULTILINE)
    assert found
    return found[1].split()


def test_every_target_exists() -> None:
    named = set(re.findall(r"`make ([a-z-]+)`", PAGE))
    assert named
    assert all(f"\n{target}:" in MAKEFILE for target in named)


def test_every_check_is_in_the_table() -> None:
    rows = re.findall(r"^\| `make ([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert set(targets("check")) <= set(rows)


def test_every_path_exists() -> None:
    paths = set(re.findall(r"`((?:\.ci|[\w.]+)/[\w./-]*|\w+\.(?:py|pyi|md|toml))`", PAGE))
    assert {"services/sending/send.py", "conf.py", ".ci/run", "CHANGELOG.md"} <= paths
    modules = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]
    inside = {path.relative_to(PACKAGE).as_posix() for path in modules}
    inside |= {path.name for path in modules}
    missing = {p for p in paths if p not in inside and not _exists(p)}
    assert not missing


def _exists(path: str) -> bool:
    return any((folder / path).exists() for folder in (ROOT, PACKAGE, PACKAGE.parent))


def test_every_kind_of_executed_block_is_in_the_table() -> None:
    kinds = {f"{block.language} {block.name}".strip() for block in all_blocks("python", "sh")}
    assert {kind for kind in kinds if f"| `{kind}` |" not in PAGE} == set()


def test_every_hook_runs_a_locked_tool_of_the_virtual_environment() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")


def test_the_source_distribution_has_the_files_of_the_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    include = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for path in (".ci", ".pre-commit-config.yaml", "CONTRIBUTING.md", "SECURITY.md", "Makefile"):
        assert f"/{path}" in include
