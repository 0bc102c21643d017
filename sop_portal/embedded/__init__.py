"""PostgreSQL and Redis of our own, for a machine that has neither (docs/operations.md)."""
