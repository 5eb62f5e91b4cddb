"""Find the pages of the package's admin: lists, the links on each list, searches, change pages.

Django's URL names and the links in the HTML lead to the pages, so that new filters and sortable
columns are measured without a change here.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from benchmarks.common import runtime  # noqa: F401  # sets up Django, before the models
from django_vonage_messages.models import Conversation, Message

APP = Message._meta.app_label
SEARCHES = {
    "a number": "447900000007",
    "5 digits": "44790",
    "a name": "Lovelace",
    "nothing": "nobody",
}
_LINK = re.compile(r'href="\?([^"]+)"')


class AdminPages:
    """The admin as a superuser sees it."""

    def __init__(self) -> None:
        self._client = Client()
        self._client.force_login(get_user_model().objects.create_superuser("benchmarks"))

    def get(self, url: str) -> str:
        """Return the HTML of a page. Raises AssertionError if the status is not 200."""
        response = self._client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        return response.content.decode()

    def find(self, busiest: Conversation) -> dict[str, str]:
        """Return the URL of each page. The labels do not depend on the rows in the database."""
        pages = {"admin index": reverse("admin:index")}
        for model in apps.get_app_config(APP).get_models():
            if admin.site.is_registered(model):
                pages.update(self._of_model(model))
        url = _url(busiest, "change", busiest.pk)
        pages["busiest conversation"] = url
        for query in self._links(url)[:1]:
            pages["busiest conversation, earlier"] = f"{url}?{query}"
        return pages

    def _of_model(self, model: type[Model]) -> Iterator[tuple[str, str]]:
        """Yield the label and URL of each page of a model."""
        name, url = str(model._meta.verbose_name_plural), _url(model, "changelist")
        yield name, url
        links = self._links(url)
        for query in links:
            if not _is_page(query):
                yield f"{name} ?{query}", f"{url}?{query}"
        if pages := list(filter(_is_page, links)):
            yield f"{name}, last page", f"{url}?{max(pages, key=_page_number)}"
        if admin.site.get_model_admin(model).search_fields:
            for label, term in SEARCHES.items():
                yield f"{name}, search {label}", f"{url}?q={term}"
        if newest := model._default_manager.order_by("-pk").first():
            yield f"{name}, newest", _url(model, "change", newest.pk)

    def _links(self, url: str) -> list[str]:
        """Return the query strings of a page's links to itself, except queries without a value."""
        queries = map(unescape, _LINK.findall(self.get(url)))
        return [query for query in dict.fromkeys(queries) if parse_qsl(query)]


def _is_page(query: str) -> bool:
    return query.startswith("p=")


def _page_number(query: str) -> int:
    return int(query.removeprefix("p="))


def _url(model: type[Model] | Model, page: str, *args: object) -> str:
    return reverse(f"admin:{APP}_{model._meta.model_name}_{page}", args=args)
