"""Patterns in, people informed: the side that may run at the municipality."""
