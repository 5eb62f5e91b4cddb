"""The Django site that the benchmarks measure."""
