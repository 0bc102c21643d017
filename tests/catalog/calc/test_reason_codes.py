"""The company's list of reason codes."""

from __future__ import annotations

import pytest

from catalog.calc.reason_codes import LONGEST, MOST, reason_codes


def test_codes_are_separated_by_commas_or_lines_and_keep_their_order() -> None:
    assert reason_codes(" Promotion,Price change\n\n Weather, ") == ("Promotion", "Price change", "Weather")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" ,\n", "at least one"),
        (",".join(f"c{k}" for k in range(MOST + 1)), "At most"),
        ("x" * (LONGEST + 1), "longer"),
        ("Weather, weather", "twice"),
    ],
)
def test_what_is_no_list_of_codes_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        reason_codes(text)
