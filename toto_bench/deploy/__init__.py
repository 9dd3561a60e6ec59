"""The real robot: what may be sent to it, and what its trials say.

Importing this package imports nothing heavy and touches no device.
"""
