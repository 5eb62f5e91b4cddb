"""The production page names every option of vonage_prune."""

from django_vonage_messages.services.operations.prune import RETENTION_RULES
from tests.docs.tables import rows_of


def test_every_option_of_prune_is_named() -> None:
    documented = [option for option, _deletes in rows_of("production", "Option")]
    assert documented == [f"--{rule.name}" for rule in RETENTION_RULES]
