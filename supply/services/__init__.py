"""Writes of supply: replacement of imported rows, the ledger of pins, overload decisions, the computed plan."""
