"""``Simulator``: a simulated Messages API."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from django_vonage_messages.simulator.api_credentials import Credentials
from django_vonage_messages.simulator.customer import (
    Customers,
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
    """A simulated Messages API on ``host`` and ``port``.

    The simulator runs inside a ``with`` block, or from ``start()`` to ``stop()``. While it runs,
    you can set ``status_url``, ``inbound_url``, ``faults``, ``on_delivered`` and
    ``webhook_version``.

    - ``port`` is the TCP port. With 0, the simulator uses a free port.
    - ``api_key``, ``api_secret``, ``application_id`` and ``signature_secret`` are the credentials
      of the simulated account. Credentials that you do not pass are generated. With "" as
      ``application_id``, the account has no Vonage application.
    - ``public_key`` is the application's public key as PEM text. By default, the simulator
      generates a key pair.
    - ``status_url`` is the site's URL for status webhooks.
    - ``inbound_url`` is the site's URL for inbound webhooks.
    - If the URL for a webhook is "", the simulator does not send the webhook.
    - ``time_scale`` is a factor for the delays of webhooks.
    - ``reply`` is the text of the recipients' answers. Each recipient answers only the first
      message from each sender. By default, recipients do not answer.
    - ``faults`` are random faults for all recipients.
    - ``on_delivered`` is a function that is called with each delivered message. It runs on a
      thread of the simulator.
    - ``webhook_version`` is the API version of inbound webhooks, "v0.1" or "v1". On RCS, the
      version is always "v1".

    Raises ValueError for a negative ``time_scale`` or an unknown ``webhook_version``.
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
        self._customer = Customers(
            client,
            self.application_id,
            reply,
            lambda: self.webhook_version,
            lambda: self.base_url,
        )
        self._network = Network(client, self.application_id, self._delivered)

    def start(self) -> Self:
        """Start the simulator.

        You can start a simulator only once. Raises OSError if the port is in use.
        """
        api = MessagesApi(self.credentials, self._recorder, self._network, lambda: self.faults)
        self._server = Server(self._address, api.respond, self._scheduler.busy)
        self._scheduler.start()
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop the simulator without sending the remaining webhooks."""
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
        """The value for ``OPTIONS["base_url"]`` of an account that uses this simulator.

        Raises RuntimeError if the simulator is not running.
        """
        if self._server is None:
            raise RuntimeError("The simulator is not running. Use a with block or call start().")
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
        """The application's private key as PEM text, or "" if you passed ``public_key``."""
        return self.credentials.private_key

    @property
    def signature_secret(self) -> str:
        return self.credentials.signature_secret

    @property
    def status_url(self) -> str:
        """The site's URL for status webhooks."""
        return self._urls.status

    @status_url.setter
    def status_url(self, url: str) -> None:
        self._urls.status = url

    @property
    def inbound_url(self) -> str:
        """The site's URL for inbound webhooks."""
        return self._urls.inbound

    @inbound_url.setter
    def inbound_url(self, url: str) -> None:
        self._urls.inbound = url

    @property
    def accepted(self) -> list[AcceptedMessage]:
        """The messages accepted so far, oldest first."""
        return self._recorder.accepted

    @property
    def refused(self) -> list[RefusedRequest]:
        """The requests refused so far, oldest first."""
        return self._recorder.refused

    @property
    def callbacks(self) -> list[Callback]:
        """The webhooks so far, oldest first, with all attempts to send them."""
        return self._recorder.callbacks

    @property
    def updated(self) -> list[AcceptedUpdate]:
        """The read receipts and revocations accepted so far, oldest first."""
        return self._recorder.updated

    @property
    def status_deliveries(self) -> dict[str, dict[str, bool]]:
        """The statuses that the simulator sent, grouped by ``message_uuid``.

        True means that the site answered with 2xx. Example:
        ``{"…": {"submitted": True, "delivered": False}}``.
        """
        return self._recorder.status_deliveries()

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Return settings for an account in ``VONAGE_MESSAGES``. The account uses this simulator.

        By default, ``AUTH`` is "basic" and ``API_VERSION`` is "v0.1". Keyword arguments add or
        replace settings: ``settings(AUTH="jwt", API_VERSION="v1")``.
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
        """Send a customer's message to the site and return the message_uuid.

        - ``content`` is a str, a value from ``django_vonage_messages.content``, or a dict such as
          ``{"type": "button", "button": {"payload": "yes", "text": "Yes"}}``.
        - ``from_`` is the customer's number, or the customer's id on Messenger. The default is an
          invented number or id.
        - ``to`` is the site's number or ID. The default is the channel's number or ID in
          the ``SENDERS`` of :meth:`settings`.
        - ``num_messages`` is the number of SMS segments. The default is computed from the text.
        - ``webhook_version`` is the API version of the webhook with the message. The default is
          the simulator's ``webhook_version``. On RCS, the version is always "v1".
        - ``reply_to`` is the message_uuid of the message that the customer quotes. Only v1
          webhooks for WhatsApp or Viber contain this message_uuid.
        - ``extra`` is a dict to add to the JSON of a v1 webhook, such as
          ``{"profile": {"name": "Ada"}}``.

        Raises ValueError for an unknown channel or version. Raises TypeError or ValueError if the
        content cannot be encoded as JSON.
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
        """Wait until all webhooks are sent, including retries.

        Raises TimeoutError after ``timeout`` seconds.
        """
        self._scheduler.wait_until_idle(timeout)

    def _delivered(self, message: AcceptedMessage) -> None:
        self._customer.receive(message)
        if self.on_delivered is not None:
            self.on_delivered(message)
