"""The transition table against a model written from the text of DESIGN §2, over the whole product."""

from __future__ import annotations

from itertools import product

import pytest

from cycles.workflow import (
    SUPERSEDING,
    IllegalTransition,
    StageAction,
    StageKind,
    StageStatus,
    actions_from,
    next_status,
    stage_after,
    stages_after,
)

# The text, line by line: "not_started → open → submitted → approved; submitted → open (returned, with reason).
# Reopening stage k sets k to open and every later stage that had started to not_started."
FORWARD = ["not_started", "open", "submitted", "approved"]
FORWARD_ACTION = {"open": 0, "submit": 1, "approve": 2}


def model(status: str, action: str) -> str | None:
    """What the text says, None where it says nothing."""
    if action in FORWARD_ACTION:
        step = FORWARD_ACTION[action]
        return FORWARD[step + 1] if status == FORWARD[step] else None
    if action == "return":
        return "open" if status == "submitted" else None
    if action == "reopen":
        return "open" if status == "approved" else None
    return None if status == "not_started" else "not_started"


@pytest.mark.parametrize(("status", "action"), list(product(StageStatus, StageAction)))
def test_every_pair_does_what_the_text_says(status: StageStatus, action: StageAction) -> None:
    expected = model(str(status), str(action))
    if expected is None:
        with pytest.raises(IllegalTransition):
            next_status(status, action)
        assert action not in actions_from(status)
    else:
        assert next_status(status, action) == expected
        assert action in actions_from(status)


def test_only_steps_back_supersede_sign_offs() -> None:
    backwards = {
        action
        for status, action in product(StageStatus, StageAction)
        if (after := model(status, action)) is not None and FORWARD.index(after) < FORWARD.index(status)
    }
    assert backwards == SUPERSEDING


def test_five_stages_follow_each_other() -> None:
    chain = [StageKind.DATA]
    while (following := stage_after(chain[-1])) is not None:
        chain.append(following)
    assert chain == list(StageKind)
    assert [kind.position for kind in chain] == [1, 2, 3, 4, 5]
    assert stages_after(StageKind.SUPPLY) == (StageKind.RECONCILIATION, StageKind.EXECUTIVE)
