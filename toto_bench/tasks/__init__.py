"""Benchmarks: the interface in `base`, then a package for each."""
