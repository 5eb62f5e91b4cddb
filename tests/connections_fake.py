"""A fake database connection with a vendor and options."""

from typing import Any, Self


class FakeConnection:
    """A connection of a vendor, with OPTIONS. Its cursor returns one collation for every query."""

    def __init__(
        self, vendor: str, *, collation: str = "", in_memory: bool = False, **options: Any
    ) -> None:
        self.vendor = vendor
        self.settings_dict = {"OPTIONS": options}
        self._collation, self._in_memory = collation, in_memory

    def is_in_memory_db(self) -> bool:
        return self._in_memory

    def cursor(self) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str, params: object) -> None:
        pass

    def fetchall(self) -> list[tuple[str]]:
        return [("utf8mb4_general_ci",), (self._collation,)]
