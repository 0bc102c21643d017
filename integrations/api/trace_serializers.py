"""Input and output of the trace, field by field; quantities and amounts are exact text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.calc.bridge import Driver
from finance.frames.drill import Level

CODE_LENGTH = 80


class NodeQuery(serializers.Serializer[Any]):
    """A node of the bridge by codes; none given is the company."""

    category = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)
    family = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)
    item = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)
    region = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)
    channel = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)
    market = serializers.CharField(required=False, default="", max_length=CODE_LENGTH)


class ChildrenQuery(NodeQuery):
    """A node, and what its rows shall be."""

    by = serializers.ChoiceField(choices=[level.value for level in Level], required=False, default=Level.FAMILY.value)


class SeriesQuery(serializers.Serializer[Any]):
    """One item in one market."""

    item = serializers.CharField(max_length=CODE_LENGTH)
    market = serializers.CharField(max_length=CODE_LENGTH)


class CellQuery(SeriesQuery):
    """One item in one market in one month."""

    month = serializers.RegexField(r"^[0-9]{4}-[0-9]{2}$", help_text="YYYY-MM")


class DriverAmount(serializers.Serializer[Any]):
    """What one driver moved between budget and landing."""

    driver = serializers.ChoiceField(choices=[driver.value for driver in Driver])
    amount = serializers.CharField()


class Figures(serializers.Serializer[Any]):
    """Revenue of a node or a month: gap = landing − budget = sum of the drivers."""

    budget = serializers.CharField()
    landing = serializers.CharField(help_text="operating landing: actuals and plan, without adjustments")
    gap = serializers.CharField()
    drivers = DriverAmount(many=True)
    budget_quantity = serializers.CharField()
    landing_quantity = serializers.CharField()


class TraceHead(serializers.Serializer[Any]):
    """Which approved plan this is."""

    plan_number = serializers.CharField()
    snapshot_hash = serializers.CharField()
    currency = serializers.CharField()
    fiscal_year = serializers.IntegerField()


class NodeRow(serializers.Serializer[Any]):
    """One row under a node."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    figures = Figures()


class NodeAnswer(TraceHead):
    """A node with its drivers; `trail` leads to it from the company."""

    figures = Figures()
    trail = NodeRow(many=True)


class ChildrenAnswer(TraceHead):
    """The rows of a level under a node, largest gap first (months in order); they add to `figures`."""

    by = serializers.ChoiceField(choices=[level.value for level in Level])
    figures = Figures()
    rows = NodeRow(many=True)


class MonthCell(serializers.Serializer[Any]):
    """One month of a series."""

    period_start = serializers.DateField()
    is_closed = serializers.BooleanField()
    figures = Figures()


class CellsAnswer(TraceHead):
    """The fiscal year's months of one item in one market."""

    item = serializers.CharField()
    market = serializers.CharField()
    figures = Figures()
    cells = MonthCell(many=True)


class Moved(serializers.Serializer[Any]):
    """What an edit moved: the plan as it is less the plan without the edit, at the same rates. Costs are positive."""

    quantity = serializers.CharField(help_text="wanted")
    shipped_quantity = serializers.CharField()
    unconstrained_revenue = serializers.CharField()
    revenue = serializers.CharField()
    cogs = serializers.CharField()
    cost_to_serve = serializers.CharField()
    margin = serializers.CharField()


class MovedCash(Moved):
    """The same with the operating cash that it moved on the terms of its markets and suppliers."""

    cash = serializers.CharField()


class EditHead(serializers.Serializer[Any]):
    """Who edited, when, why."""

    revision = serializers.IntegerField()
    stream = serializers.CharField()
    person = serializers.CharField()
    edited_at = serializers.DateTimeField()
    reason_code = serializers.CharField(help_text="one of the company's codes, empty where none was asked for")
    reason = serializers.CharField()


class CellEdit(EditHead):
    """One edit of a cell."""

    moved = Moved()


class EditsAnswer(TraceHead):
    """One cell: baseline + edits + rounding = unconstrained; less the constraint = revenue."""

    item = serializers.CharField()
    market = serializers.CharField()
    period_start = serializers.DateField()
    baseline_quantity = serializers.CharField()
    baseline_amount = serializers.CharField()
    edits = CellEdit(many=True)
    rounding = serializers.CharField()
    unconstrained_quantity = serializers.CharField()
    unconstrained_amount = serializers.CharField()
    constraint_amount = serializers.CharField()
    quantity = serializers.CharField()
    amount = serializers.CharField()


class EditedCell(serializers.Serializer[Any]):
    """One cell of an edit."""

    item = serializers.CharField()
    market = serializers.CharField()
    period_start = serializers.DateField()
    is_unpriced = serializers.BooleanField(help_text="a rate is missing: the amounts are not known")
    moved = Moved()


class EditAnswer(TraceHead):
    """One edit in money: of the fiscal year, of the whole plan, and cell by cell, largest first."""

    edit = EditHead()
    year = MovedCash()
    horizon = MovedCash()
    open_receivables = serializers.CharField(help_text="collected after the fiscal year")
    open_payables = serializers.CharField(help_text="paid after the fiscal year")
    cells = EditedCell(many=True)
