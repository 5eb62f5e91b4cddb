"""Benchmarks of this package: see README.md."""
