"""The formats of all registered datasets as Markdown, for `docs/datasets.md`."""

from __future__ import annotations

from catalog.registry import Column, Dataset, datasets

HEADING = "## Formats"
INTRODUCTION = "Written by `manage.py dataset_formats --write docs/datasets.md`; a test fails when it drifts."


def format_tables() -> str:
    """One section per registered dataset, in the order of import: grain, key, and a table of its columns."""
    return "\n".join(_section(dataset) for dataset in datasets())


def page_with_formats(page: str) -> str:
    """The page of datasets with everything below its heading `## Formats` written anew."""
    before, heading, _ = page.partition(HEADING)
    return f"{before}{heading}\n\n{INTRODUCTION}\n\n{format_tables()}"


def _section(dataset: Dataset) -> str:
    key = ", ".join(f"`{name}`" for name in dataset.key)
    repeated = "added up" if dataset.duplicates == "sum" else "refused"
    needed = "Mandatory." if dataset.mandatory else "Optional."
    lines = [
        f"### `{dataset.file_name}`: {dataset.title}",
        "",
        f"One row is {dataset.grain}. Key: {key}; rows with an equal key are {repeated}. {needed}",
        "",
        "| column | kind | notes |",
        "|---|---|---|",
        *(f"| `{column.name}` | {column.kind} | {column_notes(column)} |" for column in dataset.columns),
        "",
    ]
    return "\n".join(lines)


def column_notes(column: Column) -> str:
    """What a column accepts, in words: absence, blanks, allowed texts, references, limits, and its own help."""
    notes = []
    if not column.required:
        notes.append("may be absent")
    elif column.nullable:
        notes.append("may be blank")
    if column.choices:
        notes.append(f"one of {', '.join(column.choices)}")
    if column.references:
        notes.append(f"a known {column.references.replace('_', ' ')}")
    if column.minimum is not None:
        notes.append(f"at least {column.minimum}")
    if column.help:
        notes.append(column.help)
    return "; ".join(notes)
