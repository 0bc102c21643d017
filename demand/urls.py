"""Addresses of demand."""

from django.urls import path

from demand.views import (
    events,
    exceptions,
    export,
    grid,
    grid_beside,
    pipeline,
    presence,
    promotions,
    proposals,
    review,
    streams,
    workbook,
)

app_name = "demand"

urlpatterns = [
    path("demand/<str:number>/", review.review, name="review"),
    path("demand/<str:number>/grid/", grid.rows, name="grid"),
    path("demand/<str:number>/grid/history/", grid_beside.history, name="history"),
    path("demand/<str:number>/grid/compare/", grid_beside.compare, name="compare"),
    path("demand/<str:number>/grid/prices/", grid_beside.prices, name="prices"),
    path("demand/<str:number>/edits/", grid.edits, name="edits"),
    path("demand/<str:number>/edits/<int:edit_id>/undo/", grid.undo, name="undo"),
    path("demand/<str:number>/presence/", presence.presence, name="presence"),
    path("demand/<str:number>/panel/", review.panel, name="panel"),
    path("demand/<str:number>/headline/", review.headline, name="headline"),
    path("demand/<str:number>/export/", export.workbook, name="export"),
    path("demand/<str:number>/import/", workbook.upload, name="import"),
    path("demand/<str:number>/import/<int:returned_id>/", workbook.returned, name="returned"),
    path("demand/<str:number>/exceptions/", exceptions.exceptions, name="exceptions"),
    path("demand/<str:number>/exceptions/answer/", exceptions.answer, name="answer"),
    path("demand/<str:number>/exceptions/ask/", exceptions.ask, name="ask"),
    path("demand/<str:number>/exceptions/change/", exceptions.change, name="change"),
    path("demand/<str:number>/streams/", streams.streams, name="streams"),
    path("demand/<str:number>/streams/edits/", streams.edits, name="stream_edits"),
    path("demand/<str:number>/pipeline/", pipeline.pipeline, name="pipeline"),
    path("demand/<str:number>/pipeline/include/", pipeline.include, name="include_deals"),
    path("demand/<str:number>/pipeline/exclude/", pipeline.exclude, name="exclude_deal"),
    path("demand/<str:number>/promotions/", promotions.promotions, name="promotions"),
    path("demand/<str:number>/promotions/new/", events.new, name="new_event"),
    path("demand/<str:number>/promotions/remove/", events.remove, name="remove_event"),
    path("demand/<str:number>/promotions/plan/", promotions.plan_one, name="plan_event"),
    path("demand/<str:number>/promotions/take-back/", promotions.take_back, name="take_back_event"),
    path("demand/<str:number>/baseline/", review.run, name="run"),
    path("demand/<str:number>/proposals/", proposals.proposals, name="proposals"),
    path("demand/<str:number>/proposals/<int:proposal_id>/accept/", proposals.accept, name="accept_proposal"),
    path("demand/<str:number>/proposals/<int:proposal_id>/decline/", proposals.decline, name="decline_proposal"),
    path("demand/<str:number>/accuracy/", review.accuracy, name="accuracy"),
]
