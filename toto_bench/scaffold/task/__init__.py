"""Template of a task: a card, its code, its test."""
