"""Toto: causal transformers over the visual tokens of video. Importing this package imports no torch."""
