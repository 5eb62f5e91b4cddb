"""A stand-in for the Messages API: answers every POST with 202 and a new ``message_uuid``.

Unlike ``django_vonage_messages.simulator`` it does not validate requests, and therefore uses little
CPU. It uses TLS, because Vonage's SDK requires HTTPS, and can answer with a delay. Run as a module,
it serves until its standard input ends.
"""

import argparse
import asyncio
import datetime
import ipaddress
import os
import ssl
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from benchmarks.common.api_clients import new_private_key

HOST = "127.0.0.1"


@contextmanager
def vonage_stand_in(delay: float = 0.0) -> Iterator[str]:
    """Serve in a separate process; yield ``host:port``.

    ``delay`` is the number of seconds before each answer. While the server runs, this process and
    its children trust the server's certificate.
    """
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        certificate = Path(folder, "certificate.pem")
        certificate.write_text(_self_signed_certificate())
        with _trusting(certificate), _running(certificate, delay) as port:
            yield f"{HOST}:{port}"


@contextmanager
def _running(certificate: Path, delay: float) -> Iterator[int]:
    command = [sys.executable, "-m", __name__, str(certificate), "--delay", str(delay)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextmanager
def _trusting(certificate: Path) -> Iterator[None]:
    """Make ``requests`` trust the certificate, here and in child processes."""
    variable = "REQUESTS_CA_BUNDLE"
    before = os.environ.get(variable)
    os.environ[variable] = str(certificate)
    try:
        yield
    finally:
        del os.environ[variable]
        if before is not None:
            os.environ[variable] = before


def _self_signed_certificate() -> str:
    """Return a certificate for 127.0.0.1 with its key, as PEM text."""
    pem = new_private_key()
    key = load_pem_private_key(pem.encode(), password=None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    return pem + certificate.public_bytes(Encoding.PEM).decode()


async def _serve(certificate: str, delay: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _read_request(reader)
                await asyncio.sleep(delay)
                writer.write(_response())
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()  # the client has left, or the server ends

    server = await asyncio.start_server(answer, HOST, 0, ssl=context, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until the parent closes it, or ends


async def _read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    await reader.readexactly(length)


def _response() -> bytes:
    body = f'{{"message_uuid":"{uuid.uuid4()}"}}'
    return (
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("certificate")
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(_serve(options.certificate, options.delay))


if __name__ == "__main__":
    main()
