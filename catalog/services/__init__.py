"""Writes of the ground: company set-up, imports and packs of files."""
