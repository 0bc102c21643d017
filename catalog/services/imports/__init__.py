"""Files in: read, typed, checked, staged with their difference, applied whole or not at all."""

from catalog.services.imports.mapping import MappingDocument, MappingRefused
from catalog.services.imports.staging import (
    BatchNotApplicable,
    ChosenMapping,
    HandedIn,
    apply_batch,
    stage_file,
    stage_handed_in,
)

__all__ = [
    "BatchNotApplicable",
    "ChosenMapping",
    "HandedIn",
    "MappingDocument",
    "MappingRefused",
    "apply_batch",
    "stage_file",
    "stage_handed_in",
]
