"""Simulation with MuJoCo: what renders on this machine, images of a model, helpers to build models."""
