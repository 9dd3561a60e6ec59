"""Runs on disk: records, per-item results, identity, statistics. Knows no task and no backbone."""
