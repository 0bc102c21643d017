"""Canonical rows of the exchange, from stored integers."""
