"""Addresses of the API for machines, and of the page about them."""

from __future__ import annotations

from django.urls import path

from integrations import views
from integrations.api.plans import ApprovedPlan, LatestPlan, PlanAcknowledgements, PlanLines, PlanSupply
from integrations.api.trace import TraceCells, TraceChildren, TraceEdit, TraceEdits, TraceNode

app_name = "integrations"

urlpatterns = [
    path("integrations/", views.page, name="page"),
    path("integrations/keys/new/", views.issue, name="issue"),
    path("integrations/keys/<int:key_id>/rotate/", views.rotate, name="rotate"),
    path("integrations/keys/<int:key_id>/revoke/", views.revoke, name="revoke"),
    path("api/v1/plans/approved/latest", LatestPlan.as_view(), name="latest"),
    path("api/v1/plans/<str:number>", ApprovedPlan.as_view(), name="plan"),
    path("api/v1/plans/<str:number>/lines", PlanLines.as_view(), name="lines"),
    path("api/v1/plans/<str:number>/supply", PlanSupply.as_view(), name="supply"),
    path("api/v1/plans/<str:number>/acknowledgements", PlanAcknowledgements.as_view(), name="acknowledgements"),
    path("api/v1/plans/<str:number>/trace", TraceNode.as_view(), name="trace"),
    path("api/v1/plans/<str:number>/trace/children", TraceChildren.as_view(), name="trace_children"),
    path("api/v1/plans/<str:number>/trace/cells", TraceCells.as_view(), name="trace_cells"),
    path("api/v1/plans/<str:number>/trace/edits", TraceEdits.as_view(), name="trace_edits"),
    path("api/v1/plans/<str:number>/trace/edits/<int:revision>", TraceEdit.as_view(), name="trace_edit"),
]
