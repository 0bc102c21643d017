"""A mapping: how a source's columns, numbers and days become a dataset's; parsed strictly, from YAML or JSON alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

from catalog.registry import Dataset
from catalog.services.imports.csv_text import ENCODINGS
from catalog.services.imports.formats import DATE_FORMATS, NEGATIVES, THOUSANDS, Style, plain_number
from catalog.services.imports.table import Layout

LONGEST_DOCUMENT = 1_000_000
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
DELIMITER_NAMES = {"tab": "\t", "comma": ",", "semicolon": ";"}
KEYS = (
    "mapping", "source", "dataset", "file", "dates", "month_from_day", "numbers", "columns", "constants",
    "lookups", "leave_out", "duplicates",
)  # fmt: skip


class MappingRefused(Exception):
    """The document is no mapping; the message says where and why."""


@dataclass(frozen=True)
class ColumnSource:
    """Where one column of the dataset comes from.

    `template` names the source's columns in braces: `{Material}`, or `{region}-{channel}` where several are joined to
    one key. `lookup` names the table that turns their code into ours; a code that is not in it is a fault. `factor`
    multiplies a number exactly (cartons of 12 to pieces: 12).
    """

    template: str
    lookup: str = ""
    factor: str = ""

    @property
    def parts(self) -> list[str]:
        """Names of the source's columns."""
        return PLACEHOLDER.findall(self.template)


@dataclass(frozen=True)
class LeaveOut:
    """Rows that are no rows of the dataset (service codes, a line of totals): left out, counted, and shown."""

    column: str
    because: str
    values: tuple[str, ...] = ()
    starts_with: str = ""

    def matches(self, text: str) -> bool:
        """Whether a row with this text in `column` is left out."""
        return text in self.values or bool(self.starts_with and text.startswith(self.starts_with))


@dataclass(frozen=True)
class MappingDocument:
    """One mapping, checked. Columns that it does not name are taken under the dataset's own names."""

    dataset: str
    name: str = ""
    source: str = ""
    layout: Layout = field(default_factory=Layout)
    style: Style = field(default_factory=Style)
    columns: Mapping[str, ColumnSource] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leave_out: tuple[LeaveOut, ...] = ()
    refuses_duplicates: bool = False


class _TextLoader(yaml.BaseLoader):
    """YAML whose scalars are all text, so that 007 and NO stay what they are; a key given twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping node as a dict.

        Raises:
            MappingRefused: a key is given twice.
        """
        keys = [str(key.value) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1] if len(keys) <= len(KEYS) * 4 else _repeated(keys)
        if twice:
            raise MappingRefused(f"Line {node.start_mark.line + 1}: {twice[0]} is given twice.")
        return super().construct_mapping(node, deep=True)


def _repeated(keys: list[str]) -> list[str]:
    seen: set[str] = set()
    return [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]


def mapping_of_yaml(text: str, dataset: Dataset) -> MappingDocument:
    """The mapping that a YAML text describes; see `mapping_of`.

    Raises:
        MappingRefused: it is no YAML, or no mapping of this dataset.
    """
    return mapping_of(document_of_yaml(text), dataset)


def document_of_yaml(text: str) -> dict[str, Any]:
    """The text as a document of texts, lists and dicts.

    Raises:
        MappingRefused: it is too long, no YAML, or not a list of keys.
    """
    if len(text) > LONGEST_DOCUMENT:
        raise MappingRefused("The mapping is longer than a million characters.")
    try:
        loader = _TextLoader(text)
        document = loader.get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"Line {mark.line + 1}: " if mark else ""
        raise MappingRefused(
            f"{place}this is no YAML ({getattr(error, 'problem', None) or 'nested too deep'})."
        ) from error
    if not isinstance(document, dict):
        raise MappingRefused("A mapping begins with keys, such as `dataset: sales_monthly`.")
    return document


def mapping_of(document: Mapping[str, Any], dataset: Dataset) -> MappingDocument:
    """The mapping that a document describes, checked against its dataset.

    Raises:
        MappingRefused: an unknown key, column, lookup or format, each by its name.
    """
    _known(document, KEYS, "the mapping")
    if document.get("dataset", dataset.name) != dataset.name:
        raise MappingRefused(f"dataset: the mapping is for {document['dataset']}, not for {dataset.name}.")
    lookups = {
        name: {str(theirs): _text(ours, f"lookups.{name}.{theirs}") for theirs, ours in _dict(table, name).items()}
        for name, table in _dict(document.get("lookups", {}), "lookups").items()
    }
    columns = {
        name: _column_source(name, given, dataset, lookups)
        for name, given in _dict(document.get("columns", {}), "columns").items()
    }
    constants = {
        name: _text(value, f"constants.{name}")
        for name, value in _dict(document.get("constants", {}), "constants").items()
    }
    ours = [column.name for column in dataset.columns]
    _known(columns, ours, f"columns of {dataset.name}")
    _known(constants, ours, f"constants of {dataset.name}")
    both = sorted(set(columns) & set(constants))
    if both:
        raise MappingRefused(f"{both[0]} has both a column and a constant.")
    return MappingDocument(
        dataset=dataset.name,
        name=_text(document.get("mapping", ""), "mapping"),
        source=_text(document.get("source", ""), "source"),
        layout=_layout(_dict(document.get("file", {}), "file")),
        style=_style(document),
        columns=columns,
        constants=constants,
        lookups=lookups,
        leave_out=tuple(_leave_out(entry, ours) for entry in _list(document.get("leave_out", []), "leave_out")),
        refuses_duplicates=_one_of(document.get("duplicates", ""), ("", "refuse"), "duplicates") == "refuse",
    )


def document_of(mapping: MappingDocument) -> dict[str, Any]:
    """The document of a mapping: only what it says, in the order of `KEYS`; `mapping_of` gives the mapping back."""
    style = mapping.style
    numbers = {"decimal": style.decimal if style.decimal != "." else "", "thousands": style.thousands}
    document = {
        "mapping": mapping.name,
        "source": mapping.source,
        "dataset": mapping.dataset,
        "file": _stated(asdict(mapping.layout) | {"header_row": _header_text(mapping.layout)}),
        "dates": style.dates,
        "month_from_day": "yes" if style.month_from_day else "",
        "numbers": _stated({**numbers, "negatives": list(style.negatives)}),
        "columns": {name: _source_text(source) for name, source in mapping.columns.items()},
        "constants": dict(mapping.constants),
        "lookups": {name: dict(table) for name, table in mapping.lookups.items()},
        "leave_out": [_stated(asdict(rule) | {"values": list(rule.values)}) for rule in mapping.leave_out],
        "duplicates": "refuse" if mapping.refuses_duplicates else "",
    }
    return _stated(document)


def yaml_of(document: Mapping[str, Any]) -> str:
    """A document as YAML; texts that look like numbers or days are quoted."""
    return str(yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=120))


def _stated(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in ("", [], {}, ())}


def _header_text(layout: Layout) -> str:
    return str(layout.header_row) if layout.header_row > 1 else ""


def _source_text(source: ColumnSource) -> Any:
    parts = source.parts
    named = {"from": parts[0]} if source.template == f"{{{parts[0]}}}" else {"join": source.template}
    entry = _stated({**named, "lookup": source.lookup, "factor": source.factor})
    return entry["from"] if list(entry) == ["from"] else entry


def _column_source(name: str, given: Any, dataset: Dataset, lookups: Mapping[str, object]) -> ColumnSource:
    where = f"columns.{name}"
    if isinstance(given, str):
        given = {"from": given}
    entry = _dict(given, where)
    _known(entry, ("from", "join", "lookup", "factor"), where)
    if ("from" in entry) == ("join" in entry):
        raise MappingRefused(f"{where}: say either `from` (one column) or `join` (several in braces).")
    if "from" in entry:
        named = _text(entry["from"], where)
        if not named or "{" in named or "}" in named:
            raise MappingRefused(f"{where}: {named or 'a blank name'} cannot be the name of a column.")
        template = f"{{{named}}}"
    else:
        template = _text(entry["join"], where)
        if not PLACEHOLDER.search(template):
            raise MappingRefused(f"{where}: `join` names columns in braces, e.g. '{{region}}-{{channel}}'.")
    lookup, factor = _text(entry.get("lookup", ""), where), _text(entry.get("factor", ""), where)
    if lookup and lookup not in lookups:
        raise MappingRefused(f"{where}: there is no lookup {lookup}.")
    if factor:
        _check_factor(where, factor, {column.name: column.kind for column in dataset.columns}.get(name, ""))
    return ColumnSource(template, lookup, factor)


def _check_factor(where: str, factor: str, kind: str) -> None:
    if kind in ("text", "date", "month", "flag"):
        raise MappingRefused(f"{where}: a {kind} cannot be multiplied by a factor.")
    try:
        zero = plain_number(factor, Style()) == 0
    except ValueError as error:
        raise MappingRefused(f"{where}: the factor {factor} is no number.") from error
    if zero:
        raise MappingRefused(f"{where}: the factor is 0.")


def _layout(given: Mapping[str, Any]) -> Layout:
    _known(given, ("encoding", "delimiter", "sheet", "header_row"), "file")
    row = _text(given.get("header_row", "1"), "file.header_row")
    if not row.isascii() or not row.isdigit() or not 1 <= int(row) <= 1000:
        raise MappingRefused(f"file.header_row: {row} is no row from 1 to 1000.")
    delimiter = _text(given.get("delimiter", ""), "file.delimiter")
    delimiter = DELIMITER_NAMES.get(delimiter, delimiter)
    return Layout(
        encoding=_one_of(given.get("encoding", ""), ("", *ENCODINGS), "file.encoding"),
        delimiter=_one_of(delimiter, ("", ",", ";", "\t", "|"), "file.delimiter"),
        sheet=_text(given.get("sheet", ""), "file.sheet"),
        header_row=int(row),
    )


def _style(document: Mapping[str, Any]) -> Style:
    numbers = _dict(document.get("numbers", {}), "numbers")
    _known(numbers, ("decimal", "thousands", "negatives"), "numbers")
    decimal = _one_of(numbers.get("decimal", "."), (".", ","), "numbers.decimal")
    thousands = _one_of(numbers.get("thousands", ""), ("", *THOUSANDS), "numbers.thousands")
    if decimal == thousands:
        raise MappingRefused("numbers: decimal and thousands are the same sign.")
    negatives = _list(numbers.get("negatives", []), "numbers.negatives")
    return Style(
        decimal=decimal,
        thousands=thousands,
        negatives=tuple(_one_of(entry, NEGATIVES, "numbers.negatives") for entry in negatives),
        dates=_one_of(document.get("dates", ""), ("", *DATE_FORMATS), "dates"),
        month_from_day=_one_of(document.get("month_from_day", "no"), ("yes", "no", "true", "false"), "month_from_day")
        in ("yes", "true"),
    )


def _leave_out(given: Any, ours: Collection[str]) -> LeaveOut:
    entry = _dict(given, "leave_out")
    _known(entry, ("column", "values", "starts_with", "because"), "leave_out")
    because = _text(entry.get("because", ""), "leave_out.because")
    values = tuple(_text(value, "leave_out.values") for value in _list(entry.get("values", []), "leave_out.values"))
    starts_with = _text(entry.get("starts_with", ""), "leave_out.starts_with")
    if not because or not (values or starts_with):
        raise MappingRefused("leave_out: name `values` or `starts_with`, and say why in `because`.")
    column = _one_of(entry.get("column", ""), ours, "leave_out.column")
    return LeaveOut(column, because, values, starts_with)


def _known(given: Collection[str], allowed: Collection[str], where: str) -> None:
    unknown = [key for key in given if key not in allowed]
    if unknown:
        raise MappingRefused(f"{unknown[0]} is unknown in {where}; known are {', '.join(allowed)}.")


def _one_of(value: Any, allowed: Collection[str], where: str) -> str:
    text = _text(value, where)
    if text not in allowed:
        raise MappingRefused(f"{where}: {text or 'nothing'} is not one of {', '.join(filter(str.strip, allowed))}.")
    return text


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise MappingRefused(f"{where}: a text is expected.")
    return value


def _dict(value: Any, where: str) -> Mapping[str, Any]:
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise MappingRefused(f"{where}: keys with values are expected.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise MappingRefused(f"{where}: a list is expected.")
    return value
