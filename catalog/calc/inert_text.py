"""Text that no spreadsheet takes for a formula."""

from __future__ import annotations


def inert(text: str) -> str:
    """Put an apostrophe before a text that begins with = + - @, tab or return; other texts stay as they are.

    Numbers are not passed through here.
    """
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
