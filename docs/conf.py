"""Sphinx configuration: ``make docs`` builds these pages with warnings as errors.

Sphinx imports the package, to generate the API reference, with the settings of the tests.
"""

import os
import re
import sys
from pathlib import Path

import django
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import django_vonage_messages  # noqa: E402 -- importable only from here on

project = "django-vonage-messages"
author = "The django_vonage_messages maintainers"
release = version = django_vonage_messages.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "fact_tables"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 88

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False


def _hide_arguments_of_exceptions(
    _app: Sphinx, what: str, _name: str, _obj: object, _options: object, *_signature: str
) -> tuple[str, None] | None:
    """Hide the arguments of exceptions: sites catch exceptions and do not create them."""
    return ("", None) if what == "exception" else None


README_LINK = re.compile(
    r"https://django-vonage-messages\.readthedocs\.io/en/latest/([\w-]+)\.html"
)


def _link_pages(_app: Sphinx, _path: Path, _parent: str, content: list[str]) -> None:
    """Replace absolute links in the README, which the package index needs, by relative links."""
    content[0] = README_LINK.sub(r"\1.md", content[0])


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-signature", _hide_arguments_of_exceptions)
    app.connect("include-read", _link_pages)
