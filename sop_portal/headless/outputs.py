"""The files of a finished month: plan.csv, leaves.parquet, bridge.csv, findings.csv, summary.json."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from cycles.models import Plan, Snapshot
from cycles.selectors import latest_snapshot
from finance.calc.bridge import Driver
from integrations.exports import write_lines_csv
from sop_portal.headless.leaves import load_leaf_months
from sop_portal.headless.measures import Steps
from sop_portal.headless.summary import summarise


def write_outputs(plan: Plan, out: Path, steps: Steps) -> dict[str, Any]:
    """Write the five files of an approved plan into `out` (made if absent, files replaced); return the summary.

    Money is text with two decimals of the reporting currency, units are decimals of the item's own unit.

    Raises:
        Snapshot.DoesNotExist: the plan was never approved.
    """
    snapshot = latest_snapshot(plan)
    if snapshot is None:
        raise Snapshot.DoesNotExist(f"Plan {plan.number} has no snapshot.")
    out.mkdir(parents=True, exist_ok=True)
    with steps.measure("outputs"):
        leaves = load_leaf_months(plan)
        leaves.to_parquet(out / "leaves.parquet", index=False)
        _write_bridge(leaves, out / "bridge.csv")
        _write_findings(plan, out / "findings.csv")
        with (out / "plan.csv").open("w", newline="", encoding="utf-8") as stream:
            rows = write_lines_csv(snapshot, stream)
    summary = summarise(plan, snapshot, rows=rows, steps=steps)
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return summary


def _write_bridge(leaves: pd.DataFrame, path: Path) -> None:
    """driver, family, market, month, amount: one row per non-zero sum, drivers in display order."""
    names = [driver.value for driver in Driver]
    grouped = leaves.groupby(["family", "market", "month"], as_index=False)[[f"{name}_cents" for name in names]].sum()
    tall = [
        grouped[["family", "market", "month"]].assign(driver=name, cents=grouped[f"{name}_cents"]) for name in names
    ]
    rows = pd.concat(tall, ignore_index=True)
    rows = rows[rows["cents"] != 0]
    rows["amount"] = [money(cents) for cents in rows["cents"].tolist()]
    rows[["driver", "family", "market", "month", "amount"]].to_csv(path, index=False)


def _write_findings(plan: Plan, path: Path) -> None:
    """Every finding recorded at an approval that still holds, with its waiver, person, reason and dollars."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["stage", "code", "subject", "severity", "title", "amount", "waived_by", "waived_amount", "reason"]
        )
        for stage in plan.stages.order_by("position"):
            found = stage.findings.filter(action="approve", round=stage.round).select_related("waiver__waived_by")
            for finding in found:
                waiver = finding.waiver
                writer.writerow(
                    [
                        stage.kind,
                        finding.code,
                        finding.subject,
                        finding.severity,
                        finding.title,
                        money(finding.money_cents),
                        waiver.waived_by.get_username() if waiver else "",
                        money(waiver.money_cents) if waiver else "",
                        waiver.reason if waiver else "",
                    ]
                )


def money(cents: int | None) -> str:
    """Cents as text with two decimals and a point, '' where there is no amount."""
    if cents is None:
        return ""
    sign, size = ("-" if cents < 0 else ""), abs(int(cents))
    return f"{sign}{size // 100}.{size % 100:02d}"
