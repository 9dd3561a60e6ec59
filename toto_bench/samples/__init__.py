"""The sample world: small data sets of our own for every task, in the official layouts."""
