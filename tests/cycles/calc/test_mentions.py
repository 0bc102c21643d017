"""Names in a comment: who is named, what is an address or code, and that no letter of the text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cycles.calc.mentions import PieceKind, mentioned_names, normal_name, pieces


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ann please look", ("ann",)),
        ("Ask @ann, then @bob.", ("ann", "bob")),
        ("(@ann)", ("ann",)),
        ("twice @ann and @ann", ("ann",)),
        ("@demand.planner: see below", ("demand.planner",)),
        ("@ann...", ("ann",)),
        ("write to ann@example.org", ()),
        ("mailto:ann+sop@example.org", ()),
        ("@ann@example.org", ("ann@example.org",)),
        ("https://example.org/@ann", ()),
        ("`@ann` is a word", ()),
        ("```\n@ann\n``` but @bob", ("bob",)),
        ("an open `tick @ann", ("ann",)),
        ("@Zoë @ÅSA", ("zoë", "åsa")),
        ("@\uff41nn", ("ann",)),  # a full-width letter is the same letter
        ("@山田", ("山田",)),
        ("@ alone", ()),
        ("@", ()),
        ("", ()),
    ],
)
def test_names_are_found(text: str, names: tuple[str, ...]) -> None:
    assert mentioned_names(text) == names


def test_code_is_shown_without_its_ticks_and_names_with_their_sign() -> None:
    shown = [(piece.kind, piece.plain) for piece in pieces("See `SUM(A)`, @ann")]
    assert shown == [
        (PieceKind.TEXT, "See "),
        (PieceKind.CODE, "SUM(A)"),
        (PieceKind.TEXT, ", "),
        (PieceKind.NAME, "@ann"),
    ]


@given(st.text(alphabet=st.sampled_from("@`ann.bob \n+-/é"), max_size=60))
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.from_regex(r"\A[a-z][a-z0-9_]{0,12}\Z"), st.sampled_from([" ", "\n", ", ", "(", '"']))
def test_a_name_after_a_break_is_always_found_in_any_case(name: str, before: str) -> None:
    assert mentioned_names(f"x{before}@{name.upper()}!") == (normal_name(name),)


@given(st.from_regex(r"\A[a-z0-9]{1,8}@[a-z0-9]{1,8}\.[a-z]{2,3}\Z"))
def test_an_address_names_nobody(address: str) -> None:
    assert mentioned_names(f"mail {address} today") == ()
