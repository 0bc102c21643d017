"""Approved plans for machines: header, lines, supply, and the acknowledgement of what was loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cycles.models import Snapshot
from integrations.api import serializers
from integrations.api.access import HasScope, KeyAuthentication
from integrations.api.csv_rows import CsvRenderer
from integrations.api.parquet_rows import MEDIA_TYPE as PARQUET
from integrations.api.parquet_rows import ParquetRenderer
from integrations.api.problems import CONTENT_TYPE, problem_response
from integrations.api.throttling import PerKeyThrottle
from integrations.models import ApiKey, Pull, Scope
from integrations.selectors import (
    LINES,
    SUPPLY,
    Resource,
    control_totals,
    latest_snapshot,
    read_all,
    read_page,
    snapshot_of,
    superseded_by,
)
from integrations.services.acknowledgements import Loaded, acknowledge_plan
from integrations.services.pulls import note_pull

JSON, CSV = "application/json", "text/csv"
REPLACES = "whole_horizon"
WHOLE = ("csv", "parquet")
MAX_IDEMPOTENCY_KEY = 100
_ETAG_HEADERS = [
    OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="ETag of an earlier answer"),
]
_FORMAT = OpenApiParameter("format", str, enum=["json", "csv", "parquet"], description="else by the Accept header")


def problems(words_of: dict[int, str]) -> dict[tuple[int, str], OpenApiResponse]:
    """How the schema describes refusals."""
    return {
        (number, CONTENT_TYPE): OpenApiResponse(serializers.Problem, description=words)
        for number, words in words_of.items()
    }


REFUSED = problems(
    {
        401: "no valid key",
        403: "the key lacks the scope",
        404: "no such approved plan",
        429: "too many requests; see Retry-After",
    }
)
INVALID = problems({400: "a parameter is not valid"})
_UNREADABLE = problems(
    {
        409: "the first call with this key still runs",
        415: "the body is not JSON",
        422: "the key came with another body before",
    }
)
_UNCHANGED = {304: OpenApiResponse(description="unchanged since the ETag")}


class MachineView(APIView):
    """An operation for keys: authenticated, scoped, throttled, refusing in problem+json."""

    authentication_classes = [KeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [PerKeyThrottle]
    renderer_classes = [JSONRenderer]
    scope = Scope.READ_PLANS.value

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Problems instead of the framework's own form."""
        return problem_response


class LatestPlan(MachineView):
    """The plan that was approved last."""

    @extend_schema(
        operation_id="latest_approved_plan",
        parameters=_ETAG_HEADERS,
        responses={200: serializers.PlanHeader, **_UNCHANGED, **REFUSED},
    )
    def get(self, request: Request) -> Response:
        """Header of the latest approved plan, amendments included."""
        return _header_answer(request, latest_snapshot())


class ApprovedPlan(MachineView):
    """One approved plan."""

    @extend_schema(
        operation_id="approved_plan",
        parameters=_ETAG_HEADERS,
        responses={200: serializers.PlanHeader, **_UNCHANGED, **REFUSED},
    )
    def get(self, request: Request, number: str) -> Response:
        """Header of the approved plan of this number, e.g. 2026-10, or its amendment 2026-10.1."""
        return _header_answer(request, snapshot_of(number))


class PlanLines(MachineView):
    """The approved demand plan."""

    renderer_classes = [JSONRenderer, CsvRenderer, ParquetRenderer]

    @extend_schema(
        operation_id="plan_lines",
        parameters=[serializers.RowsQuery, _FORMAT, *_ETAG_HEADERS],
        responses={
            (200, JSON): serializers.LinePage,
            (200, CSV): str,
            (200, PARQUET): OpenApiTypes.BINARY,
            **_UNCHANGED,
            **INVALID,
            **REFUSED,
        },
    )
    def get(self, request: Request, number: str) -> Response:
        """Item × market × month over the whole horizon, zeros explicit; JSON in pages, CSV and Parquet whole."""
        return _rows_answer(request, snapshot_of(number), LINES, serializers.LinePage)


class PlanSupply(MachineView):
    """The approved production and purchase plan."""

    renderer_classes = [JSONRenderer, CsvRenderer, ParquetRenderer]

    @extend_schema(
        operation_id="plan_supply",
        parameters=[serializers.RowsQuery, _FORMAT, *_ETAG_HEADERS],
        responses={
            (200, JSON): serializers.SupplyPage,
            (200, CSV): str,
            (200, PARQUET): OpenApiTypes.BINARY,
            **_UNCHANGED,
            **INVALID,
            **REFUSED,
        },
    )
    def get(self, request: Request, number: str) -> Response:
        """Item × site × month over the whole horizon, zeros explicit; JSON in pages, CSV and Parquet whole."""
        return _rows_answer(request, snapshot_of(number), SUPPLY, serializers.SupplyPage)


class PlanAcknowledgements(MachineView):
    """What the ERP loaded."""

    scope = Scope.ACKNOWLEDGE.value
    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="acknowledge_plan",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        request=serializers.LoadedInput,
        responses={
            201: serializers.LoadedAnswer,
            **INVALID,
            **REFUSED,
            **_UNREADABLE,
        },
    )
    def post(self, request: Request, number: str) -> Response:
        """Record count and amount that the ERP loaded; the same key and body give the same answer."""
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > MAX_IDEMPOTENCY_KEY or not key.isprintable():
            raise ValidationError({"Idempotency-Key": ["This header is needed: 1 to 100 printable characters."]})
        body = serializers.LoadedInput(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        loaded = Loaded(
            row_count=given["loaded_rows"],
            amount_cents=int(given["loaded_amount"].scaleb(2)),
            reference=given["reference"],
            differences=tuple(given["differences"]),
        )
        api_key = request.auth
        if not isinstance(api_key, ApiKey):
            raise Http404
        answer = acknowledge_plan(
            snapshot=_found(snapshot_of(number)), loaded=loaded, api_key=api_key, idempotency_key=key
        )
        return Response(serializers.LoadedAnswer(answer).data, status=status.HTTP_201_CREATED)


def _found(snapshot: Snapshot | None) -> Snapshot:
    if snapshot is None:
        raise Http404
    return snapshot


def _header_answer(request: Request, found: Snapshot | None) -> Response:
    snapshot = _found(found)
    amendment = superseded_by(snapshot)
    etag = f'"{snapshot.root}-{amendment or "current"}"'
    _note(request, snapshot, Pull.Resource.HEADER, is_whole=True)
    if _matches(request, etag):
        return _stamped(Response(status=status.HTTP_304_NOT_MODIFIED), etag)
    header = {
        "plan_number": snapshot.number,
        "cycle": snapshot.plan.number,
        "snapshot_hash": snapshot.root,
        "status": "superseded" if amendment else "approved",
        "superseded_by": amendment or None,
        "first_month": snapshot.first_month,
        "horizon_months": snapshot.horizon,
        "revision": snapshot.revision,
        "currency": snapshot.header["sections"]["finance"].get("currency", ""),
        "approved_by": snapshot.approved_by.username,
        "approved_at": snapshot.approved_at,
        "replaces": REPLACES,
        "totals": control_totals(snapshot, LINES),
        "supply_totals": control_totals(snapshot, SUPPLY),
        "lines_url": reverse("integrations:lines", args=[snapshot.number]),
        "supply_url": reverse("integrations:supply", args=[snapshot.number]),
    }
    return _stamped(Response(serializers.PlanHeader(header).data), etag)


def _rows_answer(
    request: Request, found: Snapshot | None, resource: Resource, page_serializer: type[serializers.PageHead]
) -> Response:
    snapshot = _found(found)
    query = serializers.RowsQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    wish = query.validated_data
    kind = request.accepted_renderer.format
    etag = f'"{snapshot.root}-{resource.name}-{kind}-{wish["whole_units"]:d}-{wish["page_size"]}-{wish["cursor"]}"'
    if _matches(request, etag):
        _note(request, snapshot, Pull.Resource(resource.name), is_whole=False)
        return _stamped(Response(status=status.HTTP_304_NOT_MODIFIED), etag)
    totals = control_totals(snapshot, resource)
    if kind in WHOLE:
        rows, cursor = read_all(snapshot, resource, whole_units=wish["whole_units"]), ""
        body: Any = {"rows": rows}
    else:
        page = read_page(
            snapshot, resource, cursor=wish["cursor"], rows=wish["page_size"], whole_units=wish["whole_units"]
        )
        cursor = page.next_cursor
        head = {"plan_number": snapshot.number, "snapshot_hash": snapshot.root, "replaces": REPLACES}
        body = page_serializer({**head, "next_cursor": cursor or None, "totals": totals, "rows": page.rows}).data
    _note(request, snapshot, Pull.Resource(resource.name), is_whole=not cursor)
    response = _stamped(Response(body), etag)
    response["SOP-Replaces"] = REPLACES
    for name, value in totals.items():
        response[f"SOP-Total-{name.replace('_', '-').title()}"] = value
    return response


def _note(request: Request, snapshot: Snapshot, resource: Pull.Resource, *, is_whole: bool) -> None:
    """Keep for the Integrations page that the key was here."""
    if isinstance(request.auth, ApiKey):
        note_pull(api_key=request.auth, snapshot=snapshot, resource=resource, is_whole=is_whole)


def _matches(request: Request, etag: str) -> bool:
    given = request.headers.get("If-None-Match", "")
    return etag in {part.strip().removeprefix("W/") for part in given.split(",")}


def _stamped(response: Response, etag: str) -> Response:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization, Accept"
    return response
