"""Backbones: pixels to tokens of every layer.

Importing this package imports nothing heavy. What needs no torch stands in `names` (which card a name
means), `locate` (where its weights lie) and `errors`; `load.load_backbone` builds the model.
"""
