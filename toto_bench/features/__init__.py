"""Features computed once and kept: the content-addressed store."""
