"""Addresses of the finance pages."""

from django.urls import path

from finance.views import (
    answers,
    bridges,
    executive,
    ledgers,
    live,
    plan_vs_budget,
    profit,
    reconciliation,
    shadow,
    trace,
)

app_name = "finance"
urlpatterns = [
    path("finance/<str:number>/", reconciliation.reconciliation, name="reconciliation"),
    path("finance/<str:number>/bridge/", bridges.bridge, name="bridge"),
    path("finance/<str:number>/drill/", trace.drill, name="drill"),
    path("finance/<str:number>/cell/", trace.cell, name="cell"),
    path("finance/<str:number>/edits/", trace.edits, name="edits"),
    path("finance/<str:number>/edits/<int:revision>/", trace.edit, name="edit"),
    path("finance/<str:number>/plan-vs-budget/", plan_vs_budget.plan_vs_budget, name="plan_vs_budget"),
    path(
        "finance/<str:number>/plan-vs-budget/table.csv",
        plan_vs_budget.plan_vs_budget_file,
        name="plan_vs_budget_file",
    ),
    path("finance/<str:number>/cash/", profit.profit, name="cash"),
    path("finance/<str:number>/cash/statement.csv", profit.profit_file, name="statement"),
    path("finance/<str:number>/live/", live.live, name="live"),
    path("finance/<str:number>/shadow/", shadow.checks, name="shadow"),
    path("finance/<str:number>/shadow/new/", shadow.upload, name="shadow_upload"),
    path("finance/<str:number>/shadow/<int:check_id>/list/", shadow.download, name="shadow_list"),
    path("finance/<str:number>/shadow/deltas/<int:delta_id>/agree/", shadow.agree, name="shadow_agree"),
    path("finance/<str:number>/shadow/deltas/<int:delta_id>/adjust/", shadow.adjust, name="shadow_adjust"),
    path("finance/<str:number>/shadow/deltas/<int:delta_id>/propose/", shadow.propose, name="shadow_propose"),
    path("finance/<str:number>/shadow/deltas/<int:delta_id>/assign/", shadow.assign, name="shadow_assign"),
    path("finance/<str:number>/shadow/deltas/<int:delta_id>/reopen/", shadow.reopen, name="shadow_reopen"),
    path("finance/<str:number>/compute/", answers.compute, name="compute"),
    path("finance/<str:number>/adjustments/", ledgers.adjustments, name="adjustments"),
    path("finance/<str:number>/adjustments/<int:adjustment_id>/replace/", answers.replace, name="replace"),
    path("finance/<str:number>/actions/", ledgers.actions, name="actions"),
    path("finance/<str:number>/reforecast/", answers.reforecast, name="reforecast"),
    path("finance/<str:number>/adjustments/new/", answers.adjust, name="adjust"),
    path("finance/<str:number>/adjustments/<int:adjustment_id>/withdraw/", answers.withdraw, name="withdraw"),
    path("finance/<str:number>/actions/new/", answers.act, name="act"),
    path("finance/<str:number>/actions/<int:action_id>/state/", answers.move, name="move"),
    path("finance/<str:number>/gaps/<str:subject>/", answers.decide, name="decide"),
    path("executive/<str:number>/", executive.executive, name="executive"),
]
