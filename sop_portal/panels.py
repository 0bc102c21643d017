"""Start-up check: every page that an app hangs into the rail and the stepper is served."""

from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from cycles.registry import panels_of
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
    return missing
