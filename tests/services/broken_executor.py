"""Module of an EXECUTOR that raises an exception when it is imported."""

raise RuntimeError
