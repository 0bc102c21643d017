"""Addresses of the cycle: board, stages, data, runs, answers, records."""

from django.urls import path

from cycles.views import answers, assumptions, board, conversations, data, notifications, records, runs, stages, work

app_name = "cycles"

urlpatterns = [
    path("cycles/", board.home, name="home"),
    path("cycles/open-next/", board.open_next, name="open_next"),
    path("cycles/my-work/", work.my_work, name="my_work"),
    path("cycles/search/", work.search, name="search"),
    path("cycles/preferences/", work.preferences, name="preferences"),
    path("cycles/audit/", records.audit, name="audit"),
    path("cycles/people/", records.people, name="people"),
    path("cycles/snapshots/", records.snapshots, name="snapshots"),
    path("cycles/snapshots/<str:number>/verify/", records.verify, name="verify"),
    path("cycles/imports/", data.upload, name="upload"),
    path("cycles/imports/<int:batch_id>/", data.batch, name="batch"),
    path("cycles/imports/<int:batch_id>/apply/", data.apply, name="apply"),
    path("cycles/runs/<int:run_id>/", runs.run, name="run"),
    path("cycles/runs/<int:run_id>/again/", runs.run_again, name="run_again"),
    path("cycles/decisions/<int:decision_id>/take/", answers.take, name="take_decision"),
    path("cycles/assumptions/<int:assumption_id>/confirm/", assumptions.confirm, name="confirm_assumption"),
    path("cycles/assumptions/<int:assumption_id>/withdraw/", assumptions.withdraw, name="withdraw_assumption"),
    path("cycles/notifications/", notifications.notifications, name="notifications"),
    path("cycles/notifications/bell/", notifications.bell, name="bell"),
    path("cycles/notifications/latest/", notifications.latest, name="latest_notifications"),
    path("cycles/notifications/read/", notifications.read, name="read_notifications"),
    path("cycles/notifications/choose/", notifications.choose, name="choose_notifications"),
    path("cycles/notifications/<int:notification_id>/", notifications.go, name="notification"),
    path("cycles/threads/<int:thread_id>/reply/", conversations.answer, name="reply"),
    path("cycles/threads/<int:thread_id>/resolve/", conversations.resolve, name="resolve_thread"),
    path("cycles/threads/<int:thread_id>/reopen/", conversations.reopen, name="reopen_thread"),
    path("cycles/comments/<int:comment_id>/correct/", conversations.correct, name="correct_comment"),
    path("cycles/comments/<int:comment_id>/withdraw/", conversations.withdraw, name="withdraw_comment"),
    path("cycles/<str:number>/comments/<str:kind>/<path:key>/", conversations.comments, name="comments"),
    path("cycles/<str:number>/people-for/<str:kind>/<path:key>/", conversations.people, name="people_for"),
    path("cycles/<str:number>/", board.board, name="board"),
    path("cycles/<str:number>/data/", data.data, name="data"),
    path("cycles/<str:number>/decisions/", answers.decisions, name="decisions"),
    path("cycles/<str:number>/decisions/new/", answers.new, name="new_decision"),
    path("cycles/<str:number>/assumptions/new/", assumptions.new, name="new_assumption"),
    path("cycles/<str:number>/assumptions/", assumptions.assumptions, name="assumptions"),
    path("cycles/<str:number>/active/", runs.active_runs, name="active_runs"),
    path("cycles/<str:number>/stages/<str:kind>/gates/", stages.stage_gates, name="stage_gates"),
    path("cycles/<str:number>/stages/<str:kind>/waive/", stages.waive, name="waive"),
    path("cycles/<str:number>/stages/<str:kind>/<str:verb>/", stages.stage_action, name="stage_action"),
]
