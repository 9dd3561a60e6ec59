"""Probes on the tokens of a backbone: every layer and every hyper-parameter at once, and what is scored of them."""
