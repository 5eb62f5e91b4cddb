"""Middleware and REST framework classes of a site that must not affect the webhooks."""

from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.throttling import BaseThrottle
from rest_framework.versioning import BaseVersioning


class Trap(Exception):
    """A REST framework class of the site was used."""


def _spring(*args: Any, **kwargs: Any) -> NoReturn:
    raise Trap


class Negotiation(BaseContentNegotiation):
    select_parser = select_renderer = _spring


class Parser(BaseParser):
    media_type = "*/*"
    parse = _spring


class Renderer(BaseRenderer):
    media_type = "application/xml"
    format = "xml"
    render = _spring


class Throttle(BaseThrottle):
    allow_request = _spring


class Versioning(BaseVersioning):
    determine_version = _spring


def handle_exception(exc: Exception, context: Any) -> None:
    """Handle nothing, so that REST framework raises every exception as a 500."""


class Middleware:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.before(request)
        response: HttpResponse = self.get_response(request)
        self.after(request)
        return response

    def before(self, request: HttpRequest) -> None: ...

    def after(self, request: HttpRequest) -> None: ...


class ReadBody(Middleware):
    """Read the body, as logging middleware does."""

    def before(self, request: HttpRequest) -> None:
        assert isinstance(request.body, bytes)


class ReadPost(Middleware):
    """Read the POST data."""

    def before(self, request: HttpRequest) -> None:
        assert not request.POST.get("csrfmiddlewaretoken")


class SeeUser(Middleware):
    """Read ``request.user`` after the view."""

    def after(self, request: HttpRequest) -> None:
        assert not request.user.is_authenticated
