"""Shared modules of the benchmark scripts."""
