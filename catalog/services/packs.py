"""A pack: a directory with one file per dataset. This module orders it and imports it; recording it is cycles' job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist

from catalog.calc.months import month_index
from catalog.models import Company, ImportBatch
from catalog.registry import Column, Dataset, FileRefused, datasets
from catalog.services.company import (
    FiscalYearUnclear,
    infer_fiscal_year_start,
    set_up_company,
)
from catalog.services.imports import apply_batch, stage_file
from catalog.services.imports.reading import read_column

BUDGET_FILE, SALES_FILE, PRICE_FILE, COMPANY_FILE = (
    "budget_derived.csv",
    "sales_monthly.csv",
    "price_history.csv",
    "company.csv",
)
UNSTATED_CURRENCY = "USD"


class PackIncomplete(Exception):
    """The pack cannot be imported: a mandatory file is missing or the company cannot be told from it."""


@dataclass(frozen=True)
class PackFile:
    """One file of a pack and the dataset it belongs to."""

    dataset: Dataset
    path: Path


def pack_files(directory: Path) -> list[PackFile]:
    """The files of a pack that a dataset is registered for, in the order of import.

    Raises:
        PackIncomplete: the directory is not there, holds no such file, or lacks a mandatory one.
    """
    if not directory.is_dir():
        raise PackIncomplete(f"There is no directory {directory}.")
    missing = [
        dataset.file_name
        for dataset in datasets()
        if dataset.mandatory and not (directory / dataset.file_name).is_file()
    ]
    if missing:
        raise PackIncomplete(f"The pack lacks {', '.join(missing)}.")
    files = [PackFile(dataset, directory / dataset.file_name) for dataset in datasets()]
    return [file for file in files if file.path.is_file()]


def import_pack(directory: Path, *, actor: AbstractBaseUser) -> Iterator[ImportBatch]:
    """Stage and apply the files of a pack one after the other; each is a transaction of its own.

    Yields one batch per file, so that the caller can report progress, and ends after the first refused one (its
    faults are in it): what came before stays applied, what comes after is not read. The same pack twice yields
    `unchanged` batches only.

    Args:
        directory: the pack.
        actor: who imports.

    Raises:
        PackIncomplete: see `pack_files` and `prepare_company`.
    """
    files = pack_files(directory)
    prepare_company(directory)
    for file in files:
        batch = import_file(file, actor=actor)
        yield batch
        if batch.status == ImportBatch.Status.REFUSED:
            return


def import_file(file: PackFile, *, actor: AbstractBaseUser) -> ImportBatch:
    """Stage one file and apply it when it is sound and new; returns the batch in its last state."""
    content = file.path.read_bytes()
    batch = stage_file(
        dataset=file.dataset.name,
        file_name=file.path.name,
        content=content,
        actor=actor,
    )
    if batch.status == ImportBatch.Status.STAGED:
        batch = apply_batch(batch_id=batch.pk, actor=actor)
    return batch


def prepare_company(directory: Path) -> Company | None:
    """Set the company up from a pack that has no `company.csv`; an existing company is left alone.

    The name is the directory's, the currency that of the first price, the fiscal year what the budget's months say,
    the history starts with the first month of sales.

    Returns:
        The company, or None when `company.csv` will set it up.

    Raises:
        PackIncomplete: the budget does not tell the fiscal year, or there are no sales.
    """
    try:
        return Company.objects.current()
    except ObjectDoesNotExist:
        if (directory / COMPANY_FILE).is_file():
            return None
    try:
        return set_up_company(
            name=directory.resolve().name.replace("_", " ").replace("-", " ").title(),
            currency=_first_currency(directory),
            fiscal_year_start_month=_fiscal_year_start(directory),
            history_start=_first_month_of_sales(directory),
        )
    except (FileRefused, FiscalYearUnclear, FileNotFoundError) as error:
        raise PackIncomplete(f"The company cannot be told from the pack: {error}. Add {COMPANY_FILE}.") from error


def _first_currency(directory: Path) -> str:
    cells = _column(directory / PRICE_FILE, Column("currency", "text", required=False))
    given = [code for code in cells["currency"] if code]
    return str(given[0]) if given else UNSTATED_CURRENCY


def _fiscal_year_start(directory: Path) -> int:
    if not (directory / BUDGET_FILE).is_file():
        return 1
    years = _column(directory / BUDGET_FILE, Column("fiscal_year", "integer"))["fiscal_year"]
    months = _column(directory / BUDGET_FILE, Column("month", "month"))["month_index"]
    return infer_fiscal_year_start(zip(years.tolist(), months.tolist(), strict=True))


def _first_month_of_sales(directory: Path) -> date:
    months = _column(directory / SALES_FILE, Column("month", "month"))["month"]
    first: date = min(months, key=month_index)
    return first


def _column(path: Path, column: Column) -> pd.DataFrame:
    return read_column(path.read_bytes(), column)
