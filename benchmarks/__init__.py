"""Measures of this package beside the least that a site could do: see README.md."""
