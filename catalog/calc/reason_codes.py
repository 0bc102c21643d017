"""The company's list of reason codes, one of which every gesture in the demand grid names."""

from __future__ import annotations

import re

LONGEST = 40
MOST = 30
DEFAULT_REASON_CODES = (
    "Promotion, Customer information, Price change, Competitor, New product, Data correction, Supply constraint, "
    "Management judgement"
)


def reason_codes(text: str) -> tuple[str, ...]:
    """Split a list of codes, separated by commas or lines, in its order; blank ones are left out.

    Raises:
        ValueError: none is left, more than MOST, one longer than LONGEST, or one twice (whatever its case); says which.
    """
    codes = tuple(part.strip() for part in re.split(r"[,\n]", text) if part.strip())
    if not codes:
        raise ValueError("Name at least one code.")
    if len(codes) > MOST:
        raise ValueError(f"At most {MOST} codes.")
    if long := [code for code in codes if len(code) > LONGEST]:
        raise ValueError(f"“{long[0]}” is longer than {LONGEST} characters.")
    folded = [code.casefold() for code in codes]
    if twice := [code for place, code in enumerate(codes) if code.casefold() in folded[:place]]:
        raise ValueError(f"“{twice[0]}” stands there twice.")
    return codes
