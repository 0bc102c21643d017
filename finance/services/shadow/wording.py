"""Differences in sentences, and the names of the rows that they stand on."""

from __future__ import annotations

import pandas as pd

from finance.calc.shadow import Difference, ShadowKind
from finance.frames.shadow import Names
from finance.services.shadow.naming import NodeKey


def explain(difference: Difference, other: str, lines: list[int], *, is_money: bool) -> str:
    """One sentence that says what the difference looks like.

    Args:
        difference: what was found.
        other: the label of the second row, '' without one.
        lines: lines of their file that hold the same cell more than once.
        is_money: whether the figures are money.
    """
    kind = difference.kind
    if kind == ShadowKind.SHIFTED:
        amount = abs(difference.months)
        late = "later" if difference.months > 0 else "earlier"
        return f"The plan's figures stand {amount} month{'s' if amount > 1 else ''} {late}."
    if kind == ShadowKind.DOUBLE:
        if other:
            return f"Theirs is the plan and {other} once more: counted twice."
        twice = f" Lines {', '.join(map(str, lines))} of the file hold it." if lines else ""
        return f"Theirs is exactly twice the plan.{twice}"
    if kind == ShadowKind.THOUSANDS:
        return "Theirs is written in thousands." if difference.factor < 1 else "Theirs is a thousand times the plan."
    if kind == ShadowKind.PRICE and difference.factor:
        return f"Theirs is {difference.factor:.4g} × the plan in every month: another price."
    if kind == ShadowKind.OTHER and difference.factor:
        return f"Theirs is {difference.factor:.4g} × the plan in every month."
    sentences = {
        ShadowKind.PRICE: "One month differs; a price would explain it.",
        ShadowKind.MISSING: "Their model has no figures here.",
        ShadowKind.SIGN: "Theirs has the opposite sign.",
        ShadowKind.STALE: "A figure other than the recorded actual, or an older one in the first month.",
        ShadowKind.SWAPPED: f"The figures of this row and of {other} are exchanged.",
        ShadowKind.EXTRA: "The plan has nothing here.",
    }
    amounts = "Amounts" if is_money else "Quantities"
    return sentences.get(kind, f"{amounts} differ without a pattern{f'; theirs holds {other}' if other else ''}.")


def node_label(node: NodeKey, names: Names) -> str:
    """A row by its codes, `LAMP-DESK · NORTH/DIRECT`."""
    frames = {
        "item": (names.items, "item_id", "code"),
        "family": (names.families, "family_id", "code"),
        "category": (names.categories, "category_id", "code"),
        "market": (names.markets, "market_id", "code"),
        "region": (names.markets, "region_id", "region"),
        "channel": (names.markets, "channel_id", "channel"),
    }
    parts = [_code(frames[kind], key) for kind, key in ((node.what, node.what_id), (node.where, node.where_id)) if kind]
    return " · ".join(parts) or "Company"


def _code(place: tuple[pd.DataFrame, str, str], key: int) -> str:
    frame, column, text = place
    return str(frame.loc[frame[column] == key, text].iloc[0])


def node_codes(node: NodeKey, names: Names) -> dict[str, str]:
    """Codes of a row by what they are: item, family, category, market, region, channel; '' where it names none.

    What follows from the others is told too: the family and category of an item, region and channel of a market.
    """
    codes = dict.fromkeys(("item", "family", "category", "market", "region", "channel"), "")
    if node.what == "item":
        row = names.items.loc[names.items["item_id"] == node.what_id].iloc[0]
        codes["item"] = str(row["code"])
        codes |= node_codes(NodeKey("family", int(row["family_id"])), names) | {"item": str(row["code"])}
    if node.what == "family":
        row = names.families.loc[names.families["family_id"] == node.what_id].iloc[0]
        codes["family"] = str(row["code"])
        codes["category"] = _code((names.categories, "category_id", "code"), int(row["category_id"]))
    if node.what == "category":
        codes["category"] = _code((names.categories, "category_id", "code"), node.what_id)
    if node.where == "market":
        row = names.markets.loc[names.markets["market_id"] == node.where_id].iloc[0]
        codes |= {"market": str(row["code"]), "region": str(row["region"]), "channel": str(row["channel"])}
    if node.where in ("region", "channel"):
        codes[node.where] = _code((names.markets, f"{node.where}_id", node.where), node.where_id)
    return codes


def family_and_market(node: NodeKey, names: Names) -> tuple[int | None, int | None]:
    """The family and the market in which a row lies altogether, None where it is wider."""
    family = node.what_id if node.what == "family" else None
    if node.what == "item":
        family = int(names.items.loc[names.items["item_id"] == node.what_id, "family_id"].iloc[0])
    return family, node.where_id if node.where == "market" else None
