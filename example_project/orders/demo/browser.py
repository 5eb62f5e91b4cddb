"""A simulated staff member: fetches pages, finds forms and submits them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import requests
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.crypto import get_random_string

from django_vonage_messages.models import Conversation
from example_project.orders.models import Order

USERNAME: Final = "demo"
_EASY_TO_TYPE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_TIMEOUT: Final = 15


@dataclass(frozen=True)
class Login:
    """A superuser. Each run sets a new password, because a fixed password would be public."""

    username: str
    password: str = field(repr=False)


def make_login() -> Login:
    """Create the demo's superuser, or give the existing one a new password."""
    login = Login(USERNAME, get_random_string(8, _EASY_TO_TYPE))
    users = get_user_model().objects
    user, _created = users.get_or_create(username=login.username)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(login.password)
    user.save()
    return login


class PageProblem(Exception):
    """A page does not have the expected content. The error names the page and the problem."""


@dataclass
class Form:
    """An HTML form: its action, its hidden inputs, and the name of its textarea."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    textarea: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.action).path


class Staff:
    """The browser of a staff member. Use it in a ``with`` block."""

    def __init__(self, site_url: str) -> None:
        self._site_url = site_url
        self._session = requests.Session()
        self._session.trust_env = False  # ignore proxy settings on loopback

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()

    def log_in(self, login: Login) -> None:
        """Log in to the admin. Raises PageProblem."""
        path = reverse("admin:login")
        self._submit(
            path,
            lambda form: "csrfmiddlewaretoken" in form.hidden,
            username=login.username,
            password=login.password,
            next=reverse("admin:index"),
        )
        if "sessionid" not in self._session.cookies:
            raise PageProblem(f"{login.username!r} could not log in at {path}.")

    def ship(self, order: Order) -> None:
        """Press "Ship" on the home page. Raises PageProblem."""
        action = reverse("ship-order", args=[order.pk])
        self._submit(reverse("home"), lambda form: form.path == action)

    def reply(self, conversation: Conversation, text: str) -> None:
        """Reply on a conversation page of the admin. Raises PageProblem."""
        path = reverse("admin:vonage_messages_conversation_change", args=[conversation.pk])
        self._submit(path, lambda form: form.path.endswith("/reply/"), text_box=text)

    def _submit(
        self, path: str, wanted: Callable[[Form], bool], *, text_box: str = "", **fields: str
    ) -> None:
        page = self._checked(self._session.get(self._site_url + path, timeout=_TIMEOUT))
        form = next(filter(wanted, forms_in(page.text)), None)
        if form is None:
            raise PageProblem(f"{path} does not have the expected form.")
        if text_box:
            fields[form.textarea] = text_box
        self._checked(
            self._session.post(
                urljoin(page.url, form.action),
                data=form.hidden | fields,
                headers={"Referer": page.url},
                timeout=_TIMEOUT,
            )
        )

    @staticmethod
    def _checked(response: requests.Response) -> requests.Response:
        if response.status_code != 200:
            raise PageProblem(f"{response.url} returned status {response.status_code}.")
        return response


def forms_in(html: str) -> list[Form]:
    """Return the HTML forms of a page, in order."""
    parser = _FormParser()
    parser.feed(html)
    parser.close()
    return parser.forms


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and tag == "input" and values.get("type") == "hidden":
            self._open.hidden[values.get("name", "")] = values.get("value", "")
        elif self._open is not None and tag == "textarea":
            self._open.textarea = values.get("name", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
