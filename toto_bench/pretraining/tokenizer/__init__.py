"""Training of our own tokenizer: crops of unlabelled frames, reconstructed from their codes."""
