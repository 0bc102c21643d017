"""RULE=REASON: what is read, what is refused, which of two rules counts."""

from __future__ import annotations

import pytest

from sop_portal.headless.rules import SUBJECTS, NoRule, UnknownRule, parse_rules


def test_the_four_subjects_and_codes_of_gates() -> None:
    rules = parse_rules([*(f"{subject} = because " for subject in SUBJECTS), "supply.opening_stock=a=b"])
    assert rules.reasons == {**dict.fromkeys(SUBJECTS, "because"), "supply.opening_stock": "a=b"}
    assert parse_rules([]).reasons == {}


@pytest.mark.parametrize("text", ["gap", "gap=", "gap=  ", "=reason", "luck=yes", ""])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnknownRule):
        parse_rules([text])


def test_the_last_of_the_same_rule_counts() -> None:
    assert parse_rules(["gap=one", "gap=two"]).reasons == {"gap": "two"}


def test_the_narrower_rule_is_looked_at_first() -> None:
    rules = parse_rules(["findings=wide", "supply.opening_stock=narrow"])
    assert rules.reason_for("findings", code="supply.opening_stock") == "Rule supply.opening_stock: narrow"
    assert rules.reason_for("findings", code="supply.routing_missing") == "Rule findings: wide"
    assert rules.reason_for("gap", code="finance.family_gap") is None


def test_without_a_rule_it_says_what_to_add() -> None:
    with pytest.raises(NoRule, match=r"Stock is old\. Answer it on the page, or allow it here with --accept findings="):
        parse_rules(["gap=yes"]).require("findings", "Stock is old.", code="supply.opening_stock")
