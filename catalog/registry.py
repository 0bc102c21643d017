"""Datasets and references that apps register, and the value objects an import speaks in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "integer", "decimal", "money", "units", "rate", "date", "month", "flag"]
KINDS: tuple[Kind, ...] = (
    "text",
    "integer",
    "decimal",
    "money",
    "units",
    "rate",
    "date",
    "month",
    "flag",
)


@dataclass(frozen=True)
class Column:
    """One column of a file.

    What `apply` receives, by kind (blank cells only where `nullable`):
        text: str, '' when blank. integer: int64 (Int64 with NA when nullable). decimal: `Decimal`, None when blank.
        money: int64 cents. units: int64 milli-units. rate: int64 ten-thousandths (at most 4 decimals). These three are
        Int64 with NA when nullable. date: `datetime.date`, None when blank. month: `datetime.date`, the first of the
        month, and beside it `<name>_index` int64 (year * 12 + month - 1, -1 when blank). flag: bool.
    A cell with more decimals than the kind holds is a fault; nothing is rounded.

    Attributes:
        name: header in the file.
        required: the header must be present; an absent optional column arrives blank in every row.
        nullable: blank cells are allowed.
        choices: allowed texts (text only), compared exactly.
        references: name of a registered reference; adds the int64 column `id_column` (-1 when blank). A file that
            names both a region and a channel also gets `market_id`.
        minimum: smallest allowed value, in the file's own scale.
        id_name: name of the id column; needed when two columns refer to the same thing (`parent_id`).
    """

    name: str
    kind: Kind
    required: bool = True
    nullable: bool = False
    choices: tuple[str, ...] = ()
    references: str = ""
    minimum: int | None = None
    help: str = ""
    id_name: str = ""

    @property
    def id_column(self) -> str:
        """Name of the resolved key column, '' when the column refers to nothing."""
        return (self.id_name or f"{self.references}_id") if self.references else ""


@dataclass(frozen=True)
class Fault:
    """One reason why a file is refused. `row` is the line in the file (the header is 1; 0 = the whole file)."""

    row: int
    column: str
    value: str
    reason: str
    remedy: str


class FileRefused(Exception):
    """Raised inside `apply` when the tables speak against the file; carries the faults to show."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.reason for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class RowChange:
    """One row of a difference, for people to read: what happens to it, which row, and its fields old → new.

    `change` is `added`, `changed` or `removed`; a field of an added row has no old text, of a removed one no new text.
    """

    change: Literal["added", "changed", "removed"]
    row: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Difference:
    """What applying a file changes: counted rows, control totals as text (already with their unit), some rows of it."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    totals: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[RowChange, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Restatement:
    """Values of a closed period that came again with another number: which row, which batch, fields old → new."""

    batch_id: int
    row: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Dataset:
    """One file format: who owns it, its columns, and what applying it does.

    Attributes:
        order: place in a pack; a dataset comes after the ones it refers to.
        key: columns that identify a row (blank counts as a value).
        duplicates: `refuse` equal keys, or `sum` their integer, units, money and decimal columns (the others must
            agree).
        mandatory: the data stage cannot be approved without it.
        grain: one row is …, in words.
        apply: writes a validated frame, given the `ImportBatch` it comes from; runs inside ONE transaction and returns the difference. It must be a pure
            function of frame and tables: staging runs it too and rolls it back to show the difference.
        check: further faults over the whole typed frame (`frame.index` is the row number in the file).
        restatements: what batches of this dataset restated, newest first: (batch or None for all, at most) → (how
            many there are, the first of them).
    """

    name: str
    title: str
    file_name: str
    app: str
    order: int
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    duplicates: Literal["refuse", "sum"]
    mandatory: bool
    grain: str
    apply: Callable[[pd.DataFrame, Any], Difference]
    check: Callable[[pd.DataFrame], list[Fault]] | None = None
    restatements: Callable[[int | None, int], tuple[int, list[Restatement]]] | None = None


_datasets: dict[str, Dataset] = {}
Keys = Mapping[str, int] | Mapping[str, str]

_references: dict[str, Callable[[], Keys]] = {}
_history_probes: dict[str, Callable[[], set[int]]] = {}


def register_dataset(dataset: Dataset) -> None:
    """Add a dataset; called from `AppConfig.ready()`.

    Raises:
        ImproperlyConfigured: its name or file is taken, a key is no column, or two columns resolve to one id column.
    """
    if dataset.name in _datasets:
        raise ImproperlyConfigured(f"Dataset {dataset.name} is registered twice.")
    if any(other.file_name == dataset.file_name for other in _datasets.values()):
        raise ImproperlyConfigured(f"File {dataset.file_name} belongs to two datasets.")
    names = [column.name for column in dataset.columns]
    ids = [column.id_column for column in dataset.columns if column.id_column]
    if len(set(names)) < len(names) or len(set(ids)) < len(ids):
        raise ImproperlyConfigured(f"Dataset {dataset.name}: two columns share a name; give one an id_name.")
    if not dataset.key or not set(dataset.key) <= set(names):
        raise ImproperlyConfigured(f"Dataset {dataset.name}: the key must consist of its columns.")
    if any(column.kind not in KINDS for column in dataset.columns):
        raise ImproperlyConfigured(f"Dataset {dataset.name}: unknown kind of column.")
    _datasets[dataset.name] = dataset


def datasets() -> list[Dataset]:
    """All datasets in the order in which a pack is imported."""
    return sorted(_datasets.values(), key=lambda dataset: (dataset.order, dataset.name))


def dataset_named(name: str) -> Dataset:
    """The dataset of that name.

    Raises:
        LookupError: no app registered it.
    """
    if name not in _datasets:
        raise LookupError(f"There is no dataset {name!r}; known are {', '.join(sorted(_datasets))}.")
    return _datasets[name]


def register_reference(name: str, resolver: Callable[[], Keys]) -> None:
    """Name something that a column can refer to; `resolver()` gives code → key, read once per file.

    Keys are integers (column `<name>_id`, −1 when blank) or texts (a currency is its own key; '' when blank).

    Raises:
        ImproperlyConfigured: the name is taken.
    """
    if name in _references:
        raise ImproperlyConfigured(f"Reference {name} is registered twice.")
    _references[name] = resolver


def reference_keys(name: str) -> Keys:
    """Code → key of a registered reference.

    Raises:
        ImproperlyConfigured: no app registered it.
    """
    if name not in _references:
        raise ImproperlyConfigured(f"No app registered the reference {name!r}.")
    return _references[name]()


def register_history_probe(name: str, probe: Callable[[], set[int]]) -> None:
    """Tell the ground which items have history: `probe()` gives item keys whose unit of measure must not change.

    Raises:
        ImproperlyConfigured: the name is taken.
    """
    if name in _history_probes:
        raise ImproperlyConfigured(f"History probe {name} is registered twice.")
    _history_probes[name] = probe


def items_with_history() -> set[int]:
    """Keys of the items that any registered probe reports."""
    return set().union(*(probe() for probe in _history_probes.values()))
