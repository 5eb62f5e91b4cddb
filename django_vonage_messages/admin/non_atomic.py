"""Views that send: their own commits must be real."""

from collections.abc import Callable

from django.db import connections, transaction
from django.http import HttpResponse

View = Callable[..., HttpResponse]


def outside_transactions(view: View) -> View:
    """Keep ATOMIC_REQUESTS away, so that a message is sent, and its failure known, before the
    answer is written.
    """

    def outside(*args: object, **kwargs: object) -> HttpResponse:
        return view(*args, **kwargs)

    for alias in connections:
        outside = transaction.non_atomic_requests(using=alias)(outside)
    return outside
