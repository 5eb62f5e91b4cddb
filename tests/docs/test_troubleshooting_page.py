"""The troubleshooting page names every reason for which a webhook is refused."""

from django_vonage_messages.webhooks.refusals import WebhookRefused
from tests.docs.tables import rows_of


def test_every_refusal_is_named_with_its_status_code() -> None:
    documented = {reason for reason, _cause, _fix in rows_of("troubleshooting", "Reason")}
    assert documented == {f"{r.reason} ({r.status_code})" for r in WebhookRefused.__subclasses__()}
