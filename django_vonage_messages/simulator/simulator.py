"""The simulator as a whole: start it, point a site at it, look at what it saw."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from django_vonage_messages.simulator.api_credentials import Credentials
from django_vonage_messages.simulator.customer import (
    Customer,
    choose_version,
    compose,
    get_version,
)
from django_vonage_messages.simulator.endpoints import MessagesApi
from django_vonage_messages.simulator.faults import Faults
from django_vonage_messages.simulator.message_data import ContentValue
from django_vonage_messages.simulator.network import Network
from django_vonage_messages.simulator.recorder import (
    AcceptedMessage,
    AcceptedUpdate,
    Callback,
    Recorder,
    RefusedRequest,
)
from django_vonage_messages.simulator.reference import CHANNELS, SMS, Version, get_channel
from django_vonage_messages.simulator.scheduler import Scheduler
from django_vonage_messages.simulator.server import Server
from django_vonage_messages.simulator.webhook_client import WebhookClient, WebhookUrls


class Simulator:
    """A Vonage on ``host`` and ``port`` (0: a free one), running inside ``with`` or until stop().

    Credentials that are not given are made up. ``application_id=""`` means an account without an
    application; ``public_key`` is PEM text, without which a key pair is made. ``status_url`` and
    ``inbound_url`` are the site's webhooks and can be set at any time. ``time_scale`` multiplies
    every wait of the simulated network (not the time-outs, nor the seconds of a slow answer).
    ``reply`` is what each recipient answers, on the same channel, to its first message. ``faults``
    are what goes wrong by chance, and can be set at any time. ``on_delivered`` is called, on a
    thread of the simulator, with each message that reached its recipient. ``webhook_version`` is
    the form of inbound webhooks, "v0.1" or "v1", and can be set at any time; a status has that of
    the request, unless the request says otherwise.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        api_key: str | None = None,
        api_secret: str | None = None,
        application_id: str | None = None,
        public_key: str | None = None,
        signature_secret: str | None = None,
        status_url: str = "",
        inbound_url: str = "",
        time_scale: float = 1.0,
        reply: str = "",
        faults: Faults | None = None,
        on_delivered: Callable[[AcceptedMessage], None] | None = None,
        webhook_version: Version = "v0.1",
    ) -> None:
        if time_scale < 0:
            raise ValueError("time_scale must not be negative.")
        given = {
            "api_key": api_key,
            "api_secret": api_secret,
            "application_id": application_id,
            "signature_secret": signature_secret,
            "given_public_key": public_key,
        }
        self.credentials = Credentials(**{k: v for k, v in given.items() if v is not None})
        self.faults = faults or Faults()
        self.on_delivered = on_delivered
        self.webhook_version = get_version(webhook_version)
        self._address = (host, port)
        self._urls = WebhookUrls(status_url, inbound_url)
        self._recorder = Recorder()
        self._scheduler = Scheduler()
        self._server: Server | None = None
        client = WebhookClient(
            self._scheduler,
            self._recorder,
            self.credentials,
            self._urls,
            time_scale,
            lambda: self.faults.resign_retries,
        )
        self._customer = Customer(
            client,
            self.application_id,
            reply,
            lambda: self.webhook_version,
            lambda: self.base_url,
        )
        self._network = Network(client, self.application_id, self._delivered)

    def start(self) -> Self:
        """Listen. Raises OSError when the port is taken. A simulator starts once."""
        api = MessagesApi(self.credentials, self._recorder, self._network, lambda: self.faults)
        self._server = Server(self._address, api.respond, self._scheduler.busy)
        self._scheduler.start()
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening and calling; what is still pending is dropped."""
        if self._server is not None:
            self._server.close()
            self._scheduler.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The account's ``OPTIONS["base_url"]``. Raises RuntimeError when not running."""
        if self._server is None:
            raise RuntimeError("The simulator is not running: use a with block, or start() it.")
        return f"http://{self._server.server_name}:{self._server.server_port}"

    @property
    def api_key(self) -> str:
        return self.credentials.api_key

    @property
    def api_secret(self) -> str:
        return self.credentials.api_secret

    @property
    def application_id(self) -> str:
        return self.credentials.application_id

    @property
    def private_key(self) -> str:
        """The application's private key as PEM text; "" where a public key was given."""
        return self.credentials.private_key

    @property
    def signature_secret(self) -> str:
        return self.credentials.signature_secret

    @property
    def status_url(self) -> str:
        """Where status webhooks go; "" means nowhere."""
        return self._urls.status

    @status_url.setter
    def status_url(self, url: str) -> None:
        self._urls.status = url

    @property
    def inbound_url(self) -> str:
        """Where inbound messages go; "" means nowhere."""
        return self._urls.inbound

    @inbound_url.setter
    def inbound_url(self, url: str) -> None:
        self._urls.inbound = url

    @property
    def accepted(self) -> list[AcceptedMessage]:
        """The accepted messages, oldest first (a copy)."""
        return self._recorder.accepted

    @property
    def refused(self) -> list[RefusedRequest]:
        """The refused requests, oldest first (a copy)."""
        return self._recorder.refused

    @property
    def callbacks(self) -> list[Callback]:
        """The webhooks with their attempts, oldest first (a copy)."""
        return self._recorder.callbacks

    @property
    def updated(self) -> list[AcceptedUpdate]:
        """The accepted updates of messages (v1's PATCH), oldest first (a copy)."""
        return self._recorder.updated

    @property
    def status_deliveries(self) -> dict[str, dict[str, bool]]:
        """The statuses that were sent for each accepted ``message_uuid``, and whether the site
        answered each with 2xx in the end.
        """
        return self._recorder.status_deliveries()

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Return an account for ``VONAGE_MESSAGES`` that sends to this simulator.

        It has the credentials of both methods and ``AUTH`` "basic" (override it with "jwt"), and a
        sender on every channel of its ``API_VERSION``, "v0.1" (or override it with "v1").
        ``overrides`` replace whole keys.
        """
        has_rcs = overrides.get("API_VERSION") == "v1"
        account: dict[str, Any] = {
            "BACKEND": "django_vonage_messages.backends.api.ApiBackend",
            "API_VERSION": "v0.1",
            "API_KEY": self.api_key,
            "API_SECRET": self.api_secret,
            "AUTH": "basic",
            "SIGNATURE_SECRETS": [self.signature_secret],
            "SENDERS": {
                channel.name: channel.sender
                for channel in CHANNELS.values()
                if channel.v0_1_type or has_rcs
            },
            "OPTIONS": {"base_url": self.base_url, "timeout": (3.05, 10)},
        }
        if self.application_id and self.private_key:
            account |= {"APPLICATION_ID": self.application_id, "PRIVATE_KEY": self.private_key}
        return account | overrides

    def customer_sends(
        self,
        content: str | ContentValue | Mapping[str, Any],
        from_: str | None = None,
        to: str | None = None,
        num_messages: int | None = None,
        *,
        channel: str = SMS.name,
        webhook_version: Version | None = None,
        reply_to: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Play a customer who writes to the site; return the message_uuid.

        ``content`` is a text, a content value, or ``message.content`` as it goes over the wire:
        ``{"type": "button", "button": {"payload": "yes", "text": "Yes"}}``. Any type of content can
        come on any channel. ``from_`` is a number, on Messenger an id; ``to`` is the site's sender
        on the channel, without it that of :meth:`settings`. ``num_messages`` is how many SMS it
        came in, without it what a text would take; the other channels do not tell it.

        ``webhook_version`` is the form of this webhook, without it that of the simulator, and on
        RCS, which v0.1 does not have, "v1". In that form a content keeps its members:
        ``{"type": "reply", "reply": {"id": "1", "title": "9am"}}``. Only v1 tells ``reply_to``, the
        message_uuid of what a customer on WhatsApp or Viber answers, and ``extra``, further members
        of the webhook, which replace the simulator's own: ``{"profile": {"name": "Ada"}}``.

        Raises ValueError for a channel or a version that does not exist, and TypeError or
        ValueError for a content that JSON cannot hold.
        """
        found = get_channel(channel)
        version = choose_version(found, webhook_version, self.webhook_version)
        message = compose(
            content,
            found,
            from_,
            to,
            num_messages,
            version=version,
            reply_to=reply_to,
            extra=extra,
        )
        return self._customer.send(message)

    def wait_until_idle(self, timeout: float = 10.0) -> None:
        """Return when every webhook is delivered or dropped. Raises TimeoutError (seconds)."""
        self._scheduler.wait_until_idle(timeout)

    def _delivered(self, message: AcceptedMessage) -> None:
        self._customer.receive(message)
        if self.on_delivered is not None:
            self.on_delivered(message)
