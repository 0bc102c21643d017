"""What the grid sends, read strictly into a gesture; and the small forms of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.calc.reason_codes import LONGEST
from catalog.models import Family, Market
from cycles.models import User
from cycles.selectors import scope_of
from cycles.services.subjects import role_names
from demand.models import EditKind, ExceptionKind
from demand.services.cleansing_entry import CleansingWords
from demand.services.ledger import EditInvalid, Gesture, Instruction, Mode, Node, Unit

MOST_INSTRUCTIONS = 50_000
LARGEST = 10**15
NODE_KEYS = {"family", "item", "market", "category"}
ROW_ID = re.compile(r"([cfi])(\d{1,9})|s(\d{1,9})\.(\d{1,9})")
ROW_KEYS = {"c": "category_id", "f": "family_id", "i": "item_id"}
TYPED_KINDS = (EditKind.OVERRIDE, EditKind.PROMOTION, EditKind.PIPELINE, EditKind.NEW_PRODUCT)


class RevisionMissing(ValueError):
    """A write without the revision that its writer saw."""


class ExceptionForm(forms.Form):
    """Which exception is meant."""

    code = forms.CharField(widget=forms.HiddenInput)
    subject = forms.CharField(widget=forms.HiddenInput)


class AnswerForm(ExceptionForm):
    """A word on one exception."""

    reason = forms.CharField(label=_("Why is the plan right as it is?"), widget=forms.Textarea(attrs={"rows": 3}))


class AskForm(ExceptionForm):
    """A question about one exception to one of the people who see its place."""

    key = forms.CharField(widget=forms.HiddenInput)
    gesture = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    person = forms.ChoiceField(label=_("Whom"))
    reason = forms.CharField(label=_("Question"), max_length=3_800, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, people: Mapping[str, Any], **kwargs: Any) -> None:
        """Offer the people by name and role."""
        super().__init__(*args, **kwargs)
        choices = [(username, f"{person} · {role_names(person)}") for username, person in people.items()]
        self.fields["person"] = forms.ChoiceField(label=_("Whom"), choices=choices)
        self.order_fields(["person", "reason"])

    def clean(self) -> dict[str, Any]:
        """The key only leads to the people; nothing is stored of it."""
        cleaned = super().clean() or {}
        cleaned.pop("key", None)
        return cleaned


class FilterForm(forms.Form):
    """What somebody wants to see of the queue of exceptions; everything may be left open."""

    kind = forms.ChoiceField(required=False, choices=[("", ""), *((kind.value, kind.label) for kind in ExceptionKind)])
    family_id = forms.IntegerField(required=False)
    market_id = forms.IntegerField(required=False)
    only_mine = forms.BooleanField(required=False)
    only_open = forms.BooleanField(required=False)
    only_waiting = forms.BooleanField(required=False)
    with_small = forms.BooleanField(required=False)


def base_of(payload: Mapping[str, Any]) -> tuple[int, str]:
    """The revision that the writer saw and the name of the window.

    Raises:
        RevisionMissing: no `base_revision`.
        EditInvalid: it is not a number, or there is no session.
    """
    if payload.get("base_revision") is None:
        raise RevisionMissing
    return _integer(payload, "base_revision"), _text(payload, "session", 40)


def session_of(payload: Mapping[str, Any]) -> str:
    """The name of a window.

    Raises:
        EditInvalid: there is none.
    """
    session = _text(payload, "session", 40)
    if not session:
        raise EditInvalid("session: a name of this window is needed.")
    return session


def gesture_of(payload: Mapping[str, Any]) -> Gesture:
    """A gesture from decoded JSON: base_revision, session, mode, unit, reason, reason_code, kind, and instructions
    [{nodes, months, value}] or cells [[row id, month, value]].

    Raises:
        RevisionMissing: no `base_revision`.
        EditInvalid: anything of the wrong form; the message names it.
    """
    revision, session = base_of(payload)
    name = "cells" if "cells" in payload else "instructions"
    wanted = payload.get(name)
    if not isinstance(wanted, list) or not 0 < len(wanted) <= MOST_INSTRUCTIONS:
        raise EditInvalid(f"{name}: a list of at least one and at most {MOST_INSTRUCTIONS} is needed.")
    read = _cell if name == "cells" else _instruction
    kind = EditKind(_choice(payload, "kind", [k.value for k in TYPED_KINDS], EditKind.OVERRIDE.value))
    return Gesture(
        mode=Mode(_choice(payload, "mode", [mode.value for mode in Mode], None)),
        instructions=tuple(read(one) for one in wanted),
        reason=_text(payload, "reason", 2_000),
        base_revision=revision,
        session=session,
        kind=kind,
        unit=Unit(_choice(payload, "unit", [unit.value for unit in Unit], Unit.UNITS.value)),
        reason_code=_text(payload, "reason_code", LONGEST).strip(),
    )


def node_of(given: Mapping[str, Any]) -> Node:
    """A node from ids; absent or null means all.

    Raises:
        EditInvalid: an unknown key or something that is no id.
    """
    if not isinstance(given, Mapping) or set(given) - NODE_KEYS:
        raise EditInvalid("nodes: only category, family, item and market.")
    keys = {f"{name}_id": _integer(given, name) for name in NODE_KEYS if given.get(name) not in (None, "")}
    return Node(**keys)


def _instruction(given: object) -> Instruction:
    if not isinstance(given, Mapping):
        raise EditInvalid("instructions: each is an object.")
    nodes, months = given.get("nodes"), given.get("months")
    if not isinstance(nodes, list) or not nodes or not isinstance(months, list) or not months:
        raise EditInvalid("instructions: nodes and months are needed.")
    if not all(_is_integer(month) for month in months):
        raise EditInvalid("months: month numbers only.")
    value = _integer(given, "value") if given.get("value") is not None else 0
    return Instruction(tuple(node_of(node) for node in nodes), tuple(dict.fromkeys(months)), value)


@lru_cache(maxsize=8192)
def row_node(row_id: str) -> Node:
    """The node of a row of the grid: c7 category, f12 family, i55 item, s55.3 item 55 in market 3.

    Raises:
        EditInvalid: it is none of these.
    """
    found = ROW_ID.fullmatch(row_id)
    if found is None:
        raise EditInvalid("cells: a row is named like f12, i55 or s55.3.")
    level, key, item, market = found.groups()
    return Node(**{ROW_KEYS[level]: int(key)}) if level else Node(item_id=int(item), market_id=int(market))


def _cell(given: object) -> Instruction:
    if not isinstance(given, list) or len(given) != 3 or not isinstance(given[0], str):
        raise EditInvalid("cells: each is [row id, month, value].")
    if not _is_integer(given[1]) or not _is_integer(given[2]):
        raise EditInvalid("cells: each is [row id, month, value], two whole numbers after the row.")
    return Instruction((row_node(given[0]),), (given[1],), given[2])


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _integer(given: Mapping[str, Any], name: str) -> int:
    value = given[name]
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        value = int(value)
    if not _is_integer(value):
        raise EditInvalid(f"{name}: a whole number is needed.")
    return int(value)


def _text(payload: Mapping[str, Any], name: str, longest: int) -> str:
    value = payload.get(name, "")
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise EditInvalid(f"{name}: text of at most {longest} characters.")
    return value


def _choice(payload: Mapping[str, Any], name: str, choices: list[str], default: str | None) -> str:
    value = payload.get(name, default)
    if value not in choices:
        raise EditInvalid(f"{name}: one of {', '.join(choices)}.")
    return str(value)


class ProposalAnswerForm(forms.Form):
    """The answer to a proposed change; a no needs a reason."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))

    def __init__(self, *args: object, needs_reason: bool, **kwargs: object) -> None:
        """Ask for the reason, or offer it."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reason"].required = needs_reason


class CleansingForm(forms.Form):
    """A month of history that says nothing about demand: where, when, what stands in, and why."""

    family = forms.ModelChoiceField(Family.objects.none(), label=_("Family"))
    market = forms.ModelChoiceField(Market.objects.none(), label=_("Market"))
    month = forms.DateField(
        input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"), label=_("Month")
    )
    value = forms.DecimalField(
        required=False, min_value=0, max_value=10**9, decimal_places=3, label=_("Read as, units"),
        help_text=_("empty: the median of the three months before and after"),
    )  # fmt: skip
    reason = forms.CharField(max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        """Offer what the person's limits touch; whether a pair lies inside them is the service's to say."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        families, markets = scope_of(user).sides()
        self.fields["family"].queryset = Family.objects.filter(families)  # type: ignore[attr-defined]
        self.fields["market"].queryset = Market.objects.filter(markets)  # type: ignore[attr-defined]

    def words(self) -> CleansingWords:
        """The cleansing as the service takes it."""
        given = self.cleaned_data
        value = None if given["value"] is None else int(given["value"] * 1000)
        return CleansingWords(given["family"], given["market"], given["month"], value, given["reason"])
