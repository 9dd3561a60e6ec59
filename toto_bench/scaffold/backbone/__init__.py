"""Template of a backbone: a card, its code, its test."""
