import datetime
import ipaddress
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from django_vonage_messages.backends import OutgoingMessage, credentials
from django_vonage_messages.backends.api import ApiBackend
from django_vonage_messages.backends.connections import close_session
from django_vonage_messages.conf import Account
from django_vonage_messages.testing import allow_http
from tests.backends.server import Server

SAMPLE: dict[str, Any] = {
    "client_ref": "client-ref2",
    "to": {"type": "sms", "number": "447700900000"},
    "from": {"type": "sms", "number": "447700900001"},
    "message": {"content": {"type": "text", "text": "Hello From Vonage!"}},
}
"""The request of the v0.1 reference's "Send a Message"."""

BASIC = {"API_KEY": "abcd1234", "API_SECRET": "an-api-secret"}

MakeBackend = Callable[..., ApiBackend]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove proxies, .netrc, connections and cached keys of the environment."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", os.devnull)
    close_session()
    credentials._keys.clear()
    credentials._tokens.clear()
    yield
    close_session()


@pytest.fixture(autouse=True)
def _http_allowed() -> Iterator[None]:
    """Use ApiBackend for every host. No request leaves the machine."""
    with allow_http():
        yield


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running
        close_session()


@pytest.fixture
def make_backend(server: Server) -> MakeBackend:
    """Make a backend for the server, with Basic credentials by default."""

    def make(
        config: dict[str, Any] | None = None,
        base_url: str | None = None,
        timeout: Any = (0.5, 0.5),
    ) -> ApiBackend:
        options = {"base_url": base_url or server.url, "timeout": timeout}
        return ApiBackend(Account("default", {"OPTIONS": options, **(config or BASIC)}))

    return make


@pytest.fixture
def message() -> OutgoingMessage:
    return sms()


def sms(**changes: Any) -> OutgoingMessage:
    """Return the example message of the reference."""
    return OutgoingMessage(
        reference="0123456789abcdef0123456789abcdef",
        channel="sms",
        to="447700900000",
        sender="447700900001",
        text="Hello From Vonage!",
        body=SAMPLE | changes,
    )


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(rsa_key: RSAPrivateKey) -> str:
    return rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="session")
def certificate(rsa_key: RSAPrivateKey, pem: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for 127.0.0.1 and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(rsa_key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_text(built.public_bytes(Encoding.PEM).decode() + pem)
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(context) as running:
        yield running
        close_session()
