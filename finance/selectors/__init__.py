"""Reads of finance, by subject; import them from here."""

from finance.selectors.answers import Gap, GapNode, actions_of, family_gaps, open_actions, valid_adjustments
from finance.selectors.cards import Cards, cards_of
from finance.selectors.headline import Headline, headline
from finance.selectors.position import Position, fiscal_year_of_plan, position_of
from finance.selectors.summary import summary_of
from finance.selectors.ties import Unexplained, driver_totals, unexplained_of

__all__ = [
    "Cards",
    "Gap",
    "GapNode",
    "Headline",
    "Position",
    "Unexplained",
    "actions_of",
    "cards_of",
    "driver_totals",
    "family_gaps",
    "fiscal_year_of_plan",
    "headline",
    "open_actions",
    "position_of",
    "summary_of",
    "unexplained_of",
    "valid_adjustments",
]
