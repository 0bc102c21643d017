"""The API for machines: thin operations over selectors and services, with explicit serializers."""
