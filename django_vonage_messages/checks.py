"""System checks: every misconfiguration has an id and a hint."""
