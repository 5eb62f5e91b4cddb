"""The database that a site uses is recorded, and a restored copy is recognised."""

import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from django_vonage_messages.models import Deployment
from django_vonage_messages.services.operations import deployment
from django_vonage_messages.services.operations.deployment import (
    adopt_database,
    find_original,
    record_deployment,
)
from django_vonage_messages.services.operations.worker import WorkerLoop

pytestmark = pytest.mark.django_db(transaction=True)
PAST = timezone.now() - timedelta(days=3)


@pytest.fixture
def copy() -> Deployment:
    """Record another database, as if this one was restored from its backup."""
    return Deployment.objects.create(fingerprint="of another", host="web1", seen_at=PAST)


def host_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(deployment.socket, "gethostname", lambda: name)


def test_first_worker_records_the_database():
    WorkerLoop(threads=1, poll=0.01).run(once=True)

    stored = Deployment.objects.get()
    assert len(stored.fingerprint) == 64
    assert timezone.now() - stored.seen_at < timedelta(minutes=1)
    assert find_original() is None


def test_long_host_name_is_stored_in_part(monkeypatch):
    host_is(monkeypatch, "web1." + 250 * "x")

    record_deployment()

    assert Deployment.objects.get().host == ("web1." + 250 * "x")[:191]


def test_reconcile_records_the_database():
    call_command("vonage_reconcile")

    assert Deployment.objects.count() == 1


def test_later_use_updates_the_time():
    record_deployment()
    Deployment.objects.update(seen_at=PAST)

    assert record_deployment() is None

    assert Deployment.objects.get().seen_at > PAST


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file belongs to one host")
def test_hosts_that_share_a_database_do_not_warn(monkeypatch, caplog):
    for name in ("web1", "web2", "web1"):
        host_is(monkeypatch, name)
        assert record_deployment() is None
        assert find_original() is None
        assert Deployment.objects.get().host == name
    assert caplog.messages == []


def test_copy_is_reported_and_its_record_is_kept(copy, caplog):
    with caplog.at_level(logging.WARNING, "django_vonage_messages"):
        assert record_deployment() == copy

    assert find_original() == copy
    assert Deployment.objects.get().fingerprint == "of another"
    (text,) = caplog.messages
    assert f"host web1, {PAST:%Y-%m-%d %H:%M} UTC" in text
    assert "stop the workers and run manage.py vonage_hold" in text


def test_worker_warns_of_a_copy_before_it_sends(copy, caplog):
    WorkerLoop(threads=1, poll=0.01).run(once=True)

    assert "last used by another host" in caplog.text
    assert Deployment.objects.get().host == "web1"


def test_worker_prints_the_warning(copy, capsys):
    call_command("vonage_worker", once=True)

    assert "last used by another host" in capsys.readouterr().err


def test_adopted_copy_is_no_longer_reported(copy):
    adopt_database()

    assert record_deployment() is None
    assert find_original() is None
    assert Deployment.objects.get().host != "web1"


def test_database_without_a_record_can_be_adopted():
    adopt_database()

    assert Deployment.objects.count() == 1
    assert find_original() is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a function of PostgreSQL")
def test_role_without_rights_on_the_server_records_the_database():
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS vonage_deployment")
        cursor.execute("CREATE ROLE vonage_deployment")
        cursor.execute("GRANT ALL ON vonage_messages_deployment TO vonage_deployment")
        cursor.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        cursor.execute("SET ROLE vonage_deployment")
        try:
            assert record_deployment() is None
            assert find_original() is None
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")
            cursor.execute("REVOKE ALL ON vonage_messages_deployment FROM vonage_deployment")
            cursor.execute("DROP ROLE vonage_deployment")


def test_database_in_memory_is_not_recorded(monkeypatch):
    class InMemory:
        vendor = "sqlite"

        def is_in_memory_db(self) -> bool:
            return True

    monkeypatch.setattr(deployment, "connections", {"default": InMemory()})

    assert record_deployment() is None
    assert Deployment.objects.count() == 0


class File:
    """Connection to a file of SQLite."""

    def __init__(self, name: str) -> None:
        self.settings_dict = {"NAME": name}

    def is_in_memory_db(self) -> bool:
        return False


def test_sqlite_uri_is_the_same_database_in_each_directory(monkeypatch, tmp_path):
    names = {"path": f"{tmp_path}/shop", "uri": f"file:{tmp_path}/shop?mode=rw"}
    files = {alias: File(name) for alias, name in names.items()}
    monkeypatch.setattr(deployment, "connections", files)
    identities = {deployment._sqlite_identity(alias) for alias in files}

    monkeypatch.chdir(tmp_path)

    assert len(identities | {deployment._sqlite_identity("uri")}) == 1


def test_sqlite_file_at_another_place_is_another_database(monkeypatch, tmp_path):
    files = {name: File(str(tmp_path / name)) for name in ("shop", "copy")}
    monkeypatch.setattr(deployment, "connections", files)
    identities = {deployment._sqlite_identity(name) for name in files}
    host_is(monkeypatch, "elsewhere")
    identities.add(deployment._sqlite_identity("shop"))

    assert len(identities) == 3


class MySql:
    """Connection to a server that returns these variables."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self.settings_dict = {"NAME": "shop"}

    def cursor(self) -> "MySql":
        return self

    def __enter__(self) -> "MySql":
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        self._sql = sql

    def fetchall(self) -> list[tuple[str, str]]:
        return [
            (name, value) for name, value in self._variables.items() if f"'{name}'" in self._sql
        ]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        # MariaDB in containers: server_uid is a hash of the MAC address and the port.
        ({"server_uid": "u", "hostname": "a"}, {"server_uid": "u", "hostname": "b"}, False),
        ({"server_uid": "u", "hostname": "a"}, {"server_uid": "v", "hostname": "a"}, False),
        ({"server_uid": "u", "hostname": "a"}, {"server_uid": "u", "hostname": "a"}, True),
        ({"server_uuid": "u", "hostname": "a"}, {"server_uuid": "u", "hostname": "b"}, True),
        ({"hostname": "a"}, {"hostname": "b"}, False),
        (
            {"wsrep_cluster_state_uuid": "c", "server_uid": "u", "hostname": "a"},
            {"wsrep_cluster_state_uuid": "c", "server_uid": "v", "hostname": "b"},
            True,
        ),
    ],
)
def test_mysql_servers_are_distinguished(monkeypatch, first, second, is_same):
    monkeypatch.setattr(deployment, "connections", {"a": MySql(first), "b": MySql(second)})

    identities = [deployment._mysql_identity(alias) for alias in ("a", "b")]

    assert (identities[0] == identities[1]) == is_same
