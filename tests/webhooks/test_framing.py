"""Bodies without a declared length, on WSGI servers that decode chunked requests."""

import io
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from django_vonage_messages.models import Message
from django_vonage_messages.webhooks.authentication import BODY_LIMIT
from tests.settings import SIGNATURE_SECRET
from tests.spec import case_script
from tests.webhooks.hostile_site import ReadBody
from tests.webhooks.reference_bodies import INBOUND
from tests.webhooks.tokens import bearer

pytestmark = pytest.mark.django_db
FRAMINGS = ["with its length", "chunked", "HTTP/1.0", "with a charset", "as text/plain"]


class Pieces(io.BytesIO):
    """A stream that returns at most ``size`` bytes at once, as a socket does."""

    def __init__(self, body: bytes, size: int = 100) -> None:
        super().__init__(body)
        self._size = size

    def read(self, size=-1, /):
        return super().read(self._size if size < 0 else min(size, self._size))


@pytest.fixture
def post(client):
    """POST a chunked request as gunicorn passes it to Django."""

    def post(stream, headers, **extra):
        environ = {
            "CONTENT_LENGTH": "",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": stream,
            "wsgi.input_terminated": True,
            **extra,
        }
        return client.post(
            "/webhooks/inbound-message",
            content_type="application/json",
            headers=headers,
            **environ,
        )

    return post


@pytest.mark.parametrize("size", [1, 100, BODY_LIMIT])
def test_chunked_body_is_read_to_its_end(post, stored, size):
    response = post(Pieces(INBOUND, size), bearer(INBOUND))
    assert (response.status_code, response.json()) == (200, {"result": "applied"})
    assert stored() == (0, 1, 0)


def test_chunked_body_is_read_after_a_middleware_saw_an_empty_body(post, stored, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{ReadBody.__module__}.ReadBody"]
    assert post(Pieces(INBOUND), bearer(INBOUND)).status_code == 200
    assert stored() == (0, 1, 0)


def test_chunked_body_with_another_hash_is_refused(post, stored):
    response = post(Pieces(INBOUND + b" "), bearer(INBOUND))
    assert (response.status_code, response.json()["reason"]) == (503, "wrong_body")
    assert stored() == (0, 0, 0)


def test_chunked_body_is_read_only_up_to_the_limit(post, stored):
    stream = Pieces(b" " * (3 * BODY_LIMIT), 10_000)
    response = post(stream, bearer(b" " * (3 * BODY_LIMIT)))
    assert (response.status_code, response.json()["reason"]) == (413, "body_too_large")
    assert stream.tell() == BODY_LIMIT + 1
    assert stored() == (0, 0, 0)


def test_chunked_body_at_the_limit_is_accepted(post, stored):
    body = b" " * BODY_LIMIT
    assert post(Pieces(body, 70_000), bearer(body)).status_code == 200
    assert stored() == (1, 0, 0)


def test_chunked_body_without_a_token_is_not_read(post):
    stream = Pieces(INBOUND)
    assert post(stream, {}).json()["reason"] == "missing_token"
    assert stream.tell() == 0


def test_chunked_form_of_the_sms_api_is_refused_with_its_reason(post):
    form = "application/x-www-form-urlencoded"
    response = post(Pieces(b"msisdn=1&messageId=2"), {}, CONTENT_TYPE=form)
    assert response.json()["reason"] == "sms_api"


def test_declared_length_ends_the_body(post, stored):
    response = post(
        Pieces(INBOUND + b"POST /", BODY_LIMIT),
        bearer(INBOUND),
        CONTENT_LENGTH=str(len(INBOUND)),
        HTTP_TRANSFER_ENCODING="",
    )
    assert response.status_code == 200
    assert stored() == (0, 1, 0)


def test_request_without_length_and_chunks_has_an_empty_body(client, stored):
    environ = RequestFactory().post("/webhooks/inbound-message").environ
    environ |= {"CONTENT_LENGTH": "", "HTTP_AUTHORIZATION": bearer(b"")["Authorization"]}
    assert client.request(**environ).json() == {"result": "stored"}
    assert stored() == (1, 0, 0)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args): ...


def decode_chunks(environ, start_response):
    """Serve the site, and decode chunked requests as gunicorn does."""
    if environ.get("HTTP_TRANSFER_ENCODING") == "chunked":
        stream, body = environ["wsgi.input"], b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        environ |= {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    return WSGIHandler()(environ, start_response)


def answers_to_case(port):
    script = [sys.executable, case_script("08-chunked-body.py")]
    arguments = [str(port), SIGNATURE_SECRET, "abcd1234"]
    done = subprocess.run(
        [*script, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return dict(line.split(": HTTP/1.") for line in done.stdout.splitlines())


@pytest.mark.django_db(transaction=True)
def test_recorded_framings_are_accepted(settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with make_server("127.0.0.1", 0, decode_chunks, handler_class=QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            answers = answers_to_case(server.server_port)
        finally:
            server.shutdown()
            thread.join()
    assert {name: answer[2:] for name, answer in answers.items()} == dict.fromkeys(
        FRAMINGS, "200 OK"
    )
    assert Message.objects.inbound().count() == len(FRAMINGS)


SITE = """
from tests.settings import *
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": DATABASES["default"]}
def __getattr__(name):
    if name != "application":
        raise AttributeError(name)
    from django.core.wsgi import get_wsgi_application
    return get_wsgi_application()
"""


@pytest.mark.slow
@pytest.mark.parametrize("worker", ["sync", "gthread"])
def test_recorded_framings_are_accepted_by_gunicorn(tmp_path, worker):
    (tmp_path / "framing_site.py").write_text(SITE)
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root), *filter(None, sys.path)]),
        "DJANGO_SETTINGS_MODULE": "framing_site",
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
    }
    migrate = [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, env=environment, check=True, timeout=120)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        bind = ["--bind", f"fd://{listener.fileno()}", "--no-control-socket"]
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "framing_site", "-k", worker, *bind],
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,
        )
    try:
        answers = answers_to_case(port)
    finally:
        server.terminate()
        server.wait(30)
    assert {name: answer[2:] for name, answer in answers.items()} == dict.fromkeys(
        FRAMINGS, "200 OK"
    )
