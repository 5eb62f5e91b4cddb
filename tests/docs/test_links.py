"""Links and pictures: the targets exist, and no page loads anything from other hosts."""

import re
import tomllib
from pathlib import Path

from tests.docs.blocks import PAGES, ROOT

LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
README = ROOT / "README.md"
SOURCE = "https://github.com/django-vonage-messages/django-vonage-messages"
FILES = f"{SOURCE}/blob/main/"
IMAGES = "https://raw.githubusercontent.com/django-vonage-messages/django-vonage-messages/main/"
DOCS = "https://django-vonage-messages.readthedocs.io/"
LATEST = f"{DOCS}en/latest/"


def links_of(page: Path) -> list[tuple[bool, str]]:
    """Return the links and pictures of a page: whether it is a picture, and the target."""
    return [(bool(mark), target) for mark, target in LINK.findall(page.read_text("utf-8"))]


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of the headings of a page."""
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_targets_of_relative_links_exist() -> None:
    for page in PAGES:
        for _is_picture, target in links_of(page):
            path = target.partition("#")[0]
            if path and "://" not in target:
                assert (page.parent / path).is_file(), f"{page.name}: {target}"


def test_readme_has_absolute_links_only() -> None:
    """The package index shows the README, where relative links lead nowhere."""
    for _is_picture, target in links_of(README):
        assert target.startswith("https://"), target


def test_targets_of_readme_links_exist() -> None:
    count = 0
    for is_picture, target in links_of(README):
        if not target.startswith((SOURCE, IMAGES, DOCS)):
            assert not is_picture, target
            continue
        count += 1
        url, _, anchor = target.partition("#")
        if url.startswith(LATEST):
            page = ROOT / "docs" / f"{url.removeprefix(LATEST).removesuffix('.html')}.md"
            assert page.is_file(), target
            assert not anchor or anchor in anchors_of(page), target
        else:
            path = url.removeprefix(IMAGES if is_picture else FILES)
            assert (ROOT / path).is_file(), target
    assert count > 0


def test_project_urls_share_the_base_of_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["urls"] == {
        "Documentation": DOCS,
        "Source": SOURCE,
        "Changelog": f"{FILES}CHANGELOG.md",
        "Issues": f"{SOURCE}/issues",
    }


def test_pages_load_no_pictures_from_other_hosts() -> None:
    for page in PAGES:
        assert "<img" not in page.read_text("utf-8")
        for is_picture, target in links_of(page):
            assert not is_picture or "://" not in target or page == README, target
