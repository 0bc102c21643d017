"""Start-up check: every page that an app hangs into the rail and the stepper is served."""

from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from cycles.registry import panels_of
from cycles.registry.traces import traces
from cycles.workflow import StageKind

ANY_PLAN = "2014-01"


def check_panels(**_: object) -> list[CheckMessage]:
    """One error per registered panel whose URL name does not exist or takes something else than a plan number."""
    missing: list[CheckMessage] = []
    for kind in StageKind:
        for panel in panels_of(kind):
            try:
                reverse(panel.url_name, args=[ANY_PLAN])
            except NoReverseMatch:
                said = (
                    f"The panel {panel.name!r} of stage {kind.value!r} has no page: {panel.url_name!r} is not served."
                )
                hint = "Add the URL with the plan number as its argument, or take register_panel() out of the app."
                missing.append(Error(said, hint=hint, id="sop_portal.E010"))
    return [*missing, *_traces_without_page()]


def _traces_without_page() -> list[CheckMessage]:
    """One error per registered trace whose page does not take a plan number and a revision."""
    missing: list[CheckMessage] = []
    for trace in traces():
        try:
            reverse(trace.url_name, args=[ANY_PLAN, 1])
        except NoReverseMatch:
            said = f"The trace of the {trace.ledger} ledger has no page: {trace.url_name!r} is not served."
            hint = (
                "Add the URL with plan number and revision as its arguments, or take register_trace() out of the app."
            )
            missing.append(Error(said, hint=hint, id="sop_portal.E011"))
    return missing
