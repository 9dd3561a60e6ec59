"""Training a model of short-term anticipation, and predicting with it: what goes around the model."""
