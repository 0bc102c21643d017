"""The trace of an approved plan for machines: drivers at a node, its rows, the cells of a series, edits, one edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.calc.months import month_date
from catalog.models import Category, Channel, Family, Item, Market, Region
from cycles.errors import NotAllowedNow
from cycles.models import Plan, Snapshot
from cycles.selectors import is_approved, scope_of
from cycles.selectors import latest_snapshot as latest_of
from demand.models import Edit
from finance.frames.cell_trace import CellTrace, cell_trace, month_of
from finance.frames.drill import Drill, DrillRow, Level, Node, drill_bridge
from finance.frames.edit_effects import Moved, gesture_effect
from finance.selectors.position import Position, position_of
from integrations.api import trace_serializers as forms
from integrations.api.plans import INVALID, REFUSED, MachineView, problems
from integrations.calc.texts import cents_text, milli_text
from integrations.models import Scope
from integrations.selectors import snapshot_of

_MODELS: dict[str, type[Model]] = {
    "category": Category, "family": Family, "item": Item, "region": Region, "channel": Channel, "market": Market,
}  # fmt: skip
_MOVED_ON = problems({409: "the plan was reopened, amended or computed anew since this approval"})


class TraceMovedOn(NotAllowedNow):
    """The plan's working figures are no longer those of the snapshot that was asked for."""

    code = "trace_moved_on"


@dataclass(frozen=True)
class Traced:
    """An approved plan whose stored landing is the one that was frozen."""

    snapshot: Snapshot
    plan: Plan
    position: Position

    @property
    def head(self) -> dict[str, Any]:
        """What every answer begins with."""
        return {
            "plan_number": self.snapshot.number,
            "snapshot_hash": self.snapshot.root,
            "currency": self.position.currency,
            "fiscal_year": self.position.fiscal_year,
        }


class TraceView(MachineView):
    """An operation of the trace; its scope is one of its own, because it names people, reasons and the budget."""

    scope = Scope.READ_TRACE.value


class TraceNode(TraceView):
    """Drivers at a node."""

    @extend_schema(
        operation_id="trace_node",
        parameters=[forms.NodeQuery],
        responses={200: forms.NodeAnswer, **INVALID, **REFUSED, **_MOVED_ON},
    )
    def get(self, request: Request, number: str) -> Response:
        """Budget, landing, gap and every driver of a node, and the way to it from the company."""
        traced, wish = _traced(number), _wish(forms.NodeQuery, request)
        drill = _drill(request, traced, wish, Level.MONTH)
        trail = [{"code": step.label, "name": "", "figures": _figures(step.total)} for step in drill.trail]
        answer = {**traced.head, "figures": _figures(drill.total), "trail": trail}
        return Response(forms.NodeAnswer(answer).data)


class TraceChildren(TraceView):
    """Rows under a node."""

    @extend_schema(
        operation_id="trace_children",
        parameters=[forms.ChildrenQuery],
        responses={200: forms.ChildrenAnswer, **INVALID, **REFUSED, **_MOVED_ON},
    )
    def get(self, request: Request, number: str) -> Response:
        """The rows of a level under a node, which add to the node."""
        traced, wish = _traced(number), _wish(forms.ChildrenQuery, request)
        drill = _drill(request, traced, wish, Level(wish["by"]))
        rows = [{"code": row.label, "name": row.name, "figures": _figures(row)} for row in drill.rows]
        answer = {**traced.head, "by": wish["by"], "figures": _figures(drill.total), "rows": rows}
        return Response(forms.ChildrenAnswer(answer).data)


class TraceCells(TraceView):
    """The months of one series."""

    @extend_schema(
        operation_id="trace_cells",
        parameters=[forms.SeriesQuery],
        responses={200: forms.CellsAnswer, **INVALID, **REFUSED, **_MOVED_ON},
    )
    def get(self, request: Request, number: str) -> Response:
        """The twelve months of the fiscal year of one item in one market."""
        traced, wish = _traced(number), _wish(forms.SeriesQuery, request)
        drill = _drill(request, traced, wish, Level.MONTH)
        answer = {**traced.head, **wish, "figures": _figures(drill.total), "cells": _months(traced, drill)}
        return Response(forms.CellsAnswer(answer).data)


class TraceEdits(TraceView):
    """The edits of one cell."""

    @extend_schema(
        operation_id="trace_edits",
        parameters=[forms.CellQuery],
        responses={200: forms.EditsAnswer, **INVALID, **REFUSED, **_MOVED_ON},
    )
    def get(self, request: Request, number: str) -> Response:
        """The baseline and the edits of one open cell, with person, reason, time and money."""
        traced, wish = _traced(number), _wish(forms.CellQuery, request)
        month = month_of(wish["month"])
        if month is None:
            raise Http404
        trace = cell_trace(traced.plan, _node(wish), month, scope_of(request.user))
        if trace is None or trace.planned is None:
            raise Http404
        return Response(forms.EditsAnswer({**traced.head, **_cell(trace)}).data)


class TraceEdit(TraceView):
    """One edit in money."""

    @extend_schema(operation_id="trace_edit", responses={200: forms.EditAnswer, **REFUSED, **_MOVED_ON})
    def get(self, request: Request, number: str, revision: int) -> Response:
        """What one edit moved in revenue, COGS, margin and cash, and in which cells."""
        traced = _traced(number)
        edit = Edit.objects.select_related("author").filter(plan=traced.plan, revision=revision).first()
        effect = gesture_effect(traced.plan, edit, scope_of(request.user)) if edit else None
        if edit is None or effect is None:
            raise Http404
        cells = [
            {
                "item": cell.item,
                "market": cell.market,
                "period_start": month_date(cell.month),
                "is_unpriced": cell.is_unpriced,
                "moved": _moved(cell.moved),
            }
            for cell in effect.cells
        ]
        answer = {
            **traced.head,
            "edit": _edit(edit),
            "year": _moved(effect.year),
            "horizon": _moved(effect.horizon),
            "open_receivables": cents_text(effect.open_receivables),
            "open_payables": cents_text(effect.open_payables),
            "cells": cells,
        }
        return Response(forms.EditAnswer(answer).data)


def _traced(number: str) -> Traced:
    """The approved plan of a number, while what is stored is what was frozen.

    Raises:
        Http404: no such plan was approved.
        TraceMovedOn: it was reopened, amended, or computed anew.
    """
    snapshot = snapshot_of(number)
    if snapshot is None:
        raise Http404
    plan, position = snapshot.plan, position_of(snapshot.plan)
    frozen_run = snapshot.header["sections"]["finance"].get("run")
    is_latest = latest_of(plan) == snapshot
    if position is None or not is_latest or not is_approved(plan) or position.run.pk != frozen_run:
        raise TraceMovedOn(f"Plan {plan.number} has moved on since {number} was approved; its trace is not given out.")
    return Traced(snapshot, plan, position)


def _wish(form: type[Any], request: Request) -> dict[str, Any]:
    query = form(data=request.query_params)
    query.is_valid(raise_exception=True)
    wish: dict[str, Any] = query.validated_data
    return wish


def _drill(request: Request, traced: Traced, wish: dict[str, Any], level: Level) -> Drill:
    """The rows of a level under a node; a node in which nothing lies is a 404, never a row of zeros."""
    drill = drill_bridge(traced.plan, _node(wish), level, scope_of(request.user))
    if not drill.leaves:
        raise Http404
    return drill


def _node(wish: dict[str, Any]) -> Node:
    """The node of some codes; an unknown code is a 404."""
    keys = {}
    for name, model in _MODELS.items():
        if code := wish.get(name):
            key = model._default_manager.filter(code=code).values_list("pk", flat=True).first()
            if key is None:
                raise Http404
            keys[f"{name}_id"] = int(key)
    return Node(**keys)


def _figures(row: DrillRow) -> dict[str, Any]:
    return {
        "budget": cents_text(row.budget),
        "landing": cents_text(row.landing),
        "gap": cents_text(row.gap),
        "drivers": [{"driver": driver.value, "amount": cents_text(cents)} for driver, cents in row.by_driver],
        "budget_quantity": milli_text(row.units_budget),
        "landing_quantity": milli_text(row.units_landed),
    }


def _months(traced: Traced, drill: Drill) -> list[dict[str, Any]]:
    months = [row.month for row in traced.position.year_months]
    return [
        {"period_start": month, "is_closed": month < traced.plan.first_month, "figures": _figures(row)}
        for month, row in zip(months, drill.rows, strict=False)
    ]


def _cell(trace: CellTrace) -> dict[str, Any]:
    cell = trace.planned
    if cell is None:
        raise Http404
    return {
        "item": trace.item,
        "market": trace.market,
        "period_start": month_date(trace.month),
        "baseline_quantity": milli_text(cell.baseline_units),
        "baseline_amount": cents_text(cell.baseline_cents),
        "edits": [{**_edit(line.edit), "moved": _moved(line.moved)} for line in cell.edits],
        "rounding": cents_text(cell.rounding),
        "unconstrained_quantity": milli_text(cell.wanted),
        "unconstrained_amount": cents_text(cell.upside),
        "constraint_amount": cents_text(cell.constraint),
        "quantity": milli_text(cell.shipped),
        "amount": cents_text(cell.revenue),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "revision": edit.revision,
        "stream": edit.kind,
        "person": edit.author.username,
        "edited_at": edit.created_at,
        "reason_code": edit.reason_code,
        "reason": edit.reason,
    }


def _moved(moved: Moved) -> dict[str, str]:
    said = {
        "quantity": milli_text(moved.wanted),
        "shipped_quantity": milli_text(moved.shipped),
        "unconstrained_revenue": cents_text(moved.upside),
        "revenue": cents_text(moved.revenue),
        "cogs": cents_text(moved.cogs),
        "cost_to_serve": cents_text(moved.cost_to_serve),
        "margin": cents_text(moved.margin),
    }
    return said if moved.cash is None else said | {"cash": cents_text(moved.cash)}
