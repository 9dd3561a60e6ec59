"""Next-token pre-training and adaptation: recipes, mixtures of data, shards of token ids, losses per position."""
