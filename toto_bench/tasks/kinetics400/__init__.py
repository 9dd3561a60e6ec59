"""Kinetics-400 classification: readers, clips and crops, protocol."""
