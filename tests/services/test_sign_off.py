"""A worker stops without an error if its database connection was lost."""

import pytest
from django.db import OperationalError, connection

from django_vonage_messages.models import Worker
from django_vonage_messages.services.operations.worker import WorkerLoop


@pytest.mark.parametrize(("failures", "remaining"), [(1, 0), (99, 1)], ids=["once", "for good"])
def test_worker_stops_after_a_lost_connection(transactional_db, failures, remaining):
    failed_statements = []

    def lose(execute, sql, params, many, context):
        if sql.startswith("DELETE") and len(failed_statements) < failures:
            failed_statements.append(sql)
            raise OperationalError("terminating connection due to administrator command")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose):
        WorkerLoop(threads=1, poll=0.01).run(once=True)
    assert failed_statements
    assert Worker.objects.count() == remaining
