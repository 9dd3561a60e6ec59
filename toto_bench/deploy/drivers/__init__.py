"""Arms that can be driven: simulated, real, recorded, and one that fails on purpose."""
