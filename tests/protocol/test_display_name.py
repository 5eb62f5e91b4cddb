import pytest

from django_vonage_messages.protocol.sanitize import display_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jane Smith", "Jane Smith"),
        ("  Jane\r\n\tSmith\u2028", "Jane Smith"),
        ("Jane\u202egnp.exe\u202c", "Janegnp.exe"),
        ("\u2067Jane\u2069\x07\x1b[31m", "Jane[31m"),
        ("דנה\u200f", "דנה"),
        ("\u200b\ufeff\u2060", ""),
        ("", ""),
        ("نمی\u200cدانم", "نمی\u200cدانم"),  # Persian names need this separator
        ("Ada 👩\u200d🔬", "Ada 👩\u200d🔬"),  # some emoji need this joiner
        ("<b>Ada</b>", "<b>Ada</b>"),  # the template escapes it
        ("x" * 250, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_display_name_is_one_visible_line(name: str, shown: str) -> None:
    assert display_name(name, 200) == shown
