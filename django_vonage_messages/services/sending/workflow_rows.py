"""Rows of a workflow: a message with its failover on standby."""

from collections.abc import Sequence

from django_vonage_messages.conf import Account
from django_vonage_messages.models import FailoverBy, Message, Status, Workflow
from django_vonage_messages.protocol.versions import API_VERSIONS
from django_vonage_messages.services.db.transactions import primary, write_database
from django_vonage_messages.services.history.conversations import attach_outbound, attach_standby


def insert(first: Message, standby: Sequence[Message], account: Account) -> None:
    """Store a workflow with its messages, inside a transaction.

    The conversations are written in one order, so that two workflows cannot wait for each other.
    """
    version = API_VERSIONS[account.api_version]
    workflow = primary(Workflow).create(
        account=account.alias,
        failover_by=FailoverBy.VONAGE if version.has_failover else FailoverBy.LOCAL,
    )
    messages = [first, *standby]
    for position, message in enumerate(messages, start=1):
        message.workflow, message.workflow_position = workflow, position
        message.expires_at, message.is_retried = first.expires_at, first.is_retried
    for message in sorted(messages, key=lambda each: (each.channel, each.our_address)):
        if message.status == Status.STANDBY:
            attach_standby(message)
        else:
            attach_outbound(message)
    for message in messages:
        message.save(using=write_database(), force_insert=True)
