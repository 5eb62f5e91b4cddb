from django.db import connection
from django.db.models.functions import Now

from django_vonage_messages.models import Message
from django_vonage_messages.services.db.clock import DatabaseNow


def test_database_clock_of_mysql_is_utc():
    compiler = Message.objects.all().query.get_compiler(connection=connection)

    assert DatabaseNow().as_mysql(compiler, connection)[0] == "UTC_TIMESTAMP(6)"
    assert Now().as_mysql(compiler, connection)[0] == "CURRENT_TIMESTAMP(6)"
