"""Changes of the test suite's account."""

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.test import override_settings


def changed_account(**settings_of_account: Any) -> AbstractContextManager[Any]:
    """Change settings of the default account inside a block."""
    default = {**settings.VONAGE_MESSAGES["default"], **settings_of_account}
    return override_settings(VONAGE_MESSAGES={**settings.VONAGE_MESSAGES, "default": default})


def v1_account(**settings_of_account: Any) -> AbstractContextManager[Any]:
    """Put the default account on v1, with an RCS sender, inside a block."""
    senders = {**settings.VONAGE_MESSAGES["default"]["SENDERS"], "rcs": "Vonage"}
    return changed_account(API_VERSION="v1", SENDERS=senders, **settings_of_account)
