"""Typed rows against what the dataset says: a pandera schema, the key, and what the cells refer to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from catalog.models import Market
from catalog.registry import Column, Dataset, Fault, reference_keys
from catalog.services.imports.cells import DECIMALS
from catalog.services.imports.faults import KEPT_FAULTS, FaultList, faults_at, united

SUMMED = ("integer", "money", "units", "rate", "decimal")


def schema_of(dataset: Dataset) -> pa.DataFrameSchema:
    """The pandera schema of a dataset's typed rows: allowed texts and smallest values per column."""
    return pa.DataFrameSchema(
        {column.name: _column_schema(column) for column in dataset.columns},
        strict=False,
    )


def schema_faults(dataset: Dataset, rows: pd.DataFrame) -> FaultList:
    """One fault per cell that breaks the schema, the first ones in full."""
    try:
        schema_of(dataset).validate(rows, lazy=True)
    except SchemaErrors as errors:
        by_name = {column.name: column for column in dataset.columns}
        cases = errors.failure_cases
        first = [
            _fault_of(by_name[case.column], case.index, case.failure_case)
            for case in cases.head(KEPT_FAULTS).itertuples(index=False)
        ]
        return FaultList(first, len(cases) - len(first))
    return FaultList()


def unite_duplicates(dataset: Dataset, rows: pd.DataFrame, *, refuse: bool = False) -> tuple[pd.DataFrame, FaultList]:
    """Rows with one row per key: equal keys are refused or summed, as the dataset says; `refuse` never sums.

    Returns:
        The rows (in order of first appearance, indexed by that line) and one fault per row that repeats a key it must
        not repeat, or that disagrees in a column that cannot be summed.
    """
    key = list(dataset.key)
    repeated = rows.duplicated(key, keep=False)
    if not repeated.any():
        return rows, FaultList()
    if refuse or dataset.duplicates == "refuse":
        again = rows[rows.duplicated(key)]
        named = " + ".join(key)
        reason, remedy = (
            f"This {named} is already given above.",
            "Keep one row, or sum them in the source.",
        )
        shown = again[key].head(KEPT_FAULTS).astype(str).agg(" · ".join, axis=1)
        listed = [Fault(int(str(line)), named, value, reason, remedy) for line, value in shown.items()]
        return rows, FaultList(listed, len(again) - len(listed))
    summed = [column.name for column in dataset.columns if column.kind in SUMMED and column.name not in key]
    several = rows[repeated]
    groups = several.groupby(key, sort=False, dropna=False)
    others = [name for name in rows.columns if name not in key and name not in summed]
    differing = [name for name in others if (groups[name].nunique(dropna=False) > 1).any()]
    if differing:
        reason = "Rows with this key disagree in this column."
        line = int(several.index[0])
        return rows, FaultList(Fault(line, name, "", reason, "Make them agree.") for name in differing)
    once = rows[~rows.duplicated(key)].copy()
    for name in summed:
        once.loc[several[~several.duplicated(key)].index, name] = groups[name].sum().to_numpy()
    return once, FaultList()


def resolve_references(dataset: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, FaultList]:
    """Rows with one key column per reference (`Column.id_column`), and `market_id` where region and channel are given.

    Returns:
        The rows and one fault per cell that names something unknown.
    """
    resolved, found = rows.copy(deep=False), [FaultList()]
    for column in dataset.columns:
        if column.references:
            keys, unknown = _resolved(column, rows[column.name])
            resolved[column.id_column] = keys
            found.append(unknown)
    faults = united(found)
    if {"region_id", "channel_id"} <= set(resolved.columns) and not faults:
        resolved["market_id"] = _markets(resolved["region_id"].to_numpy(), resolved["channel_id"].to_numpy())
    return resolved, faults


def _column_schema(column: Column) -> pa.Column:
    checks = []
    if column.choices:
        allowed = [*column.choices, ""] if column.nullable or not column.required else list(column.choices)
        checks.append(pa.Check.isin(allowed))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum * 10 ** DECIMALS.get(column.kind, 0)))
    return pa.Column(nullable=True, checks=checks)


def _fault_of(column: Column, line: object, value: object) -> Fault:
    if column.choices:
        reason, remedy = (
            "This is not one of the allowed values.",
            f"Use one of {', '.join(column.choices)}.",
        )
        return Fault(int(str(line)), column.name, str(value), reason, remedy)
    shown = str(value)
    if column.kind in DECIMALS and DECIMALS[column.kind]:
        shown = f"{int(float(str(value))) / 10 ** DECIMALS[column.kind]:g}"
    return Fault(
        int(str(line)),
        column.name,
        shown,
        f"The value is below {column.minimum}.",
        "Correct it in the source.",
    )


def _resolved(column: Column, texts: pd.Series[str]) -> tuple[np.ndarray, FaultList]:
    known = reference_keys(column.references)
    codes, distinct = pd.factorize(texts)
    is_text = any(isinstance(key, str) for key in known.values())
    blank: int | str = "" if is_text else -1
    keys = [blank if text == "" else known.get(text) for text in distinct]
    missing = [code for code, key in enumerate(keys) if key is None]
    reason = f"There is no {column.references.replace('_', ' ')} with this code."
    faults = faults_at(
        np.flatnonzero(np.isin(codes, missing)).tolist() if missing else [],
        lambda place: Fault(
            int(texts.index[place]),
            column.name,
            str(texts.iloc[place]),
            reason,
            "Import it first, correct the code, or leave such rows out by a mapping.",
        ),
    )
    values = np.array([blank if key is None else key for key in keys], object if is_text else np.int64)
    return values[codes] if len(distinct) else values, faults


def _markets(regions: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Market key of each (region, channel); −1 where one of them is blank (every market there)."""
    known = {(row[0], row[1]): row[2] for row in Market.objects.values_list("region_id", "channel_id", "id")}
    pairs = zip(regions.tolist(), channels.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in pairs], np.int64)
