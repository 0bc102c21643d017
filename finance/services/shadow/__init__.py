"""Somebody's own spreadsheet beside the plan: read, aligned, explained, answered."""
