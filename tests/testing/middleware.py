from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def teapot(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    return lambda request: HttpResponse("A teapot", status=418)
