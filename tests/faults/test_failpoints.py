"""Named failpoints: quiet unless ordered, every one placed, a wrong order or production settings do not start."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cycles import failpoints
from cycles.failpoints import POINTS, FailpointReached, arm, failpoint

ROOT = Path(__file__).resolve().parents[2]
APPS = ("catalog", "cycles", "demand", "supply", "finance", "integrations", "sop_portal")


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def placed() -> set[str]:
    """The names with which the product calls `failpoint`."""
    calls = [
        node
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint"
    ]
    return {ast.literal_eval(call.args[0]) for call in calls}


def test_every_point_stands_somewhere_and_no_other_does() -> None:
    assert placed() == set(POINTS)


def test_the_page_about_faults_tells_every_point() -> None:
    page = (ROOT / "docs/faults.md").read_text()
    assert [point for point, state in POINTS.items() if f"| `{point}` | {state} |" not in page] == []


def test_nothing_happens_unless_it_is_ordered() -> None:
    arm("run.claimed=raise")
    failpoint("run.computed")
    with pytest.raises(FailpointReached, match=r"run\.claimed"):
        failpoint("run.claimed")
    arm("")
    failpoint("run.claimed")


def test_the_third_time() -> None:
    arm("run.claimed=raise@3")
    failpoint("run.claimed")
    failpoint("run.claimed")
    with pytest.raises(FailpointReached):
        failpoint("run.claimed")
    failpoint("run.claimed")


def test_a_pause() -> None:
    arm("run.claimed=sleep:0.05")
    began = time.monotonic()
    failpoint("run.claimed")
    assert time.monotonic() - began >= 0.05


def test_with_a_folder_once_over_all_processes(tmp_path: Path) -> None:
    arm("run.claimed=raise, run.computed=note", folder=str(tmp_path))
    failpoint("run.computed")
    with pytest.raises(FailpointReached):
        failpoint("run.claimed")
    arm("run.claimed=raise", folder=str(tmp_path))  # as the next process does
    failpoint("run.claimed")
    assert {path.name for path in tmp_path.iterdir()} == {"run.claimed", "run.computed"}


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ("run.clamed=kill", r"no point 'run\.clamed'; there are run\.claimed"),
        ("run.claimed", "'' is none of kill"),
        ("run.claimed=explode", "'explode' is none of kill"),
        ("run.claimed=kill@0", "'kill@0' is none of kill"),
        ("run.claimed=note", "a note needs a folder"),
    ],
)
def test_a_wrong_order_is_refused_and_none_of_it_taken(orders: str, told: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=told):
        arm(f"run.computed=raise,{orders}")
    failpoint("run.computed")


def test_production_refuses_any_order() -> None:
    arm("", in_production=True)
    with pytest.raises(ImproperlyConfigured, match="no place beside SOP_HTTPS"):
        arm("run.claimed=note", folder="x", in_production=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"SOP_FAILPOINTS": "run.clamed=kill"}, "there is no point 'run.clamed'"),
        ({"SOP_FAILPOINTS": "run.claimed=kill", "SOP_HTTPS": "1", "SECRET_KEY": "x" * 60}, "beside SOP_HTTPS"),
    ],
)
def test_a_process_with_such_an_order_does_not_start(more: dict[str, str], told: str) -> None:
    start = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'sop_portal.settings'; django.setup()"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | more
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and told in done.stderr


def test_kill_is_kill() -> None:
    child = os.fork()
    if not child:
        arm("run.claimed=kill")
        failpoint("run.claimed")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_quiet_point_costs_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_obey", None)
    failpoint("run.claimed")
