"""Links and pictures: what is named is there, and no page loads anything from elsewhere."""

import re

from tests.docs.blocks import PAGES

LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


def test_relative_links_lead_somewhere() -> None:
    for page in PAGES:
        for _picture, target in LINK.findall(page.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            if path and "://" not in target:
                assert (page.parent / path).is_file(), f"{page.name}: {target}"


def test_pictures_are_our_own() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert "<img" not in text
        for picture, target in LINK.findall(text):
            assert not (picture and "://" in target), f"{page.name}: {target}"
