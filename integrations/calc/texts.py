"""Exact integers as the texts that machines read: a point, no separators, no rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MILLI_PER_UNIT_AND_CENT = Decimal(10)


def milli_text(milli: int) -> str:
    """Milli-units as decimal units without trailing zeros: 1500 → '1.5', −2000 → '-2', 0 → '0'."""
    sign, size = ("-" if milli < 0 else ""), abs(int(milli))
    whole, rest = divmod(size, 1000)
    return f"{sign}{whole}.{rest:03d}".rstrip("0").rstrip(".")


def cents_text(cents: int) -> str:
    """Cents as an amount with two decimals: −5 → '-0.05'."""
    sign, size = ("-" if cents < 0 else ""), abs(int(cents))
    return f"{sign}{size // 100}.{size % 100:02d}"


def price_text(cents: int, milli: int) -> str:
    """amount ÷ quantity with six decimals, half away from zero; '' without quantity."""
    if milli == 0:
        return ""
    price = Decimal(int(cents)) * MILLI_PER_UNIT_AND_CENT / Decimal(int(milli))
    return str(price.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))
