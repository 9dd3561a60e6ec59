"""Models of one's own: `python:MODULE:FUNCTION` on the command line, `toto_bench.as_backbone(model)` in Python."""
