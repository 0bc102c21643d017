"""Typed rows against what the dataset says: a pandera schema, the key, and what the cells refer to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from catalog.models import Market
from catalog.registry import Column, Dataset, Fault, reference_keys
from catalog.services.imports.cells import DECIMALS

SUMMED = ("integer", "money", "units", "rate", "decimal")


def schema_of(dataset: Dataset) -> pa.DataFrameSchema:
    """The pandera schema of a dataset's typed rows: allowed texts and smallest values per column."""
    return pa.DataFrameSchema(
        {column.name: _column_schema(column) for column in dataset.columns},
        strict=False,
    )


def schema_faults(dataset: Dataset, rows: pd.DataFrame) -> list[Fault]:
    """One fault per cell that breaks the schema."""
    try:
        schema_of(dataset).validate(rows, lazy=True)
    except SchemaErrors as errors:
        by_name = {column.name: column for column in dataset.columns}
        return [
            _fault_of(by_name[case.column], case.index, case.failure_case)
            for case in errors.failure_cases.itertuples(index=False)
        ]
    return []


def unite_duplicates(dataset: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Rows with one row per key: equal keys are refused or summed, as the dataset says.

    Returns:
        The rows (in order of first appearance, indexed by that line) and one fault per row that repeats a key it must
        not repeat, or that disagrees in a column that cannot be summed.
    """
    key = list(dataset.key)
    repeated = rows.duplicated(key, keep=False)
    if not repeated.any():
        return rows, []
    if dataset.duplicates == "refuse":
        again = rows[rows.duplicated(key)]
        named = " + ".join(key)
        reason, remedy = (
            f"This {named} is already given above.",
            "Keep one row, or sum them in the source.",
        )
        shown = again[key].astype(str).agg(" · ".join, axis=1)
        return rows, [Fault(int(str(line)), named, value, reason, remedy) for line, value in shown.items()]
    summed = [column.name for column in dataset.columns if column.kind in SUMMED and column.name not in key]
    several = rows[repeated]
    groups = several.groupby(key, sort=False, dropna=False)
    others = [name for name in rows.columns if name not in key and name not in summed]
    differing = [name for name in others if (groups[name].nunique(dropna=False) > 1).any()]
    if differing:
        reason = "Rows with this key disagree in this column."
        return rows, [Fault(int(several.index[0]), name, "", reason, "Make them agree.") for name in differing]
    united = rows[~rows.duplicated(key)].copy()
    for name in summed:
        united.loc[several[~several.duplicated(key)].index, name] = groups[name].sum().to_numpy()
    return united, []


def resolve_references(dataset: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Rows with one key column per reference (`Column.id_column`), and `market_id` where region and channel are given.

    Returns:
        The rows and one fault per cell that names something unknown.
    """
    resolved, faults = rows.copy(), []
    for column in dataset.columns:
        if column.references:
            keys, unknown = _resolved(column, rows[column.name])
            resolved[column.id_column] = keys
            faults += unknown
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


def _resolved(column: Column, texts: pd.Series[str]) -> tuple[np.ndarray, list[Fault]]:
    known = reference_keys(column.references)
    codes, distinct = pd.factorize(texts)
    is_text = any(isinstance(key, str) for key in known.values())
    blank: int | str = "" if is_text else -1
    keys = [blank if text == "" else known.get(text) for text in distinct]
    missing = [code for code, key in enumerate(keys) if key is None]
    faults = [
        Fault(
            int(texts.index[int(position)]),
            column.name,
            str(texts.iloc[int(position)]),
            f"There is no {column.references.replace('_', ' ')} with this code.",
            "Import it first, or correct the code.",
        )
        for position in np.flatnonzero(np.isin(codes, missing))
    ]
    values = np.array([blank if key is None else key for key in keys], object if is_text else np.int64)
    return values[codes] if len(distinct) else values, faults


def _markets(regions: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Market key of each (region, channel); −1 where one of them is blank (every market there)."""
    known = {(row[0], row[1]): row[2] for row in Market.objects.values_list("region_id", "channel_id", "id")}
    pairs = zip(regions.tolist(), channels.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in pairs], np.int64)
