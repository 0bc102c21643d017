"""Addresses of the API for machines."""

from __future__ import annotations

from django.urls import path

from integrations.api.plans import ApprovedPlan, LatestPlan, PlanAcknowledgements, PlanLines, PlanSupply

app_name = "integrations"

urlpatterns = [
    path("api/v1/plans/approved/latest", LatestPlan.as_view(), name="latest"),
    path("api/v1/plans/<str:number>", ApprovedPlan.as_view(), name="plan"),
    path("api/v1/plans/<str:number>/lines", PlanLines.as_view(), name="lines"),
    path("api/v1/plans/<str:number>/supply", PlanSupply.as_view(), name="supply"),
    path("api/v1/plans/<str:number>/acknowledgements", PlanAcknowledgements.as_view(), name="acknowledgements"),
]
