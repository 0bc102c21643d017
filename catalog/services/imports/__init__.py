"""Files in: read, typed, checked, staged with their difference, applied whole or not at all."""

from catalog.services.imports.staging import BatchNotApplicable, apply_batch, stage_file

__all__ = ["BatchNotApplicable", "apply_batch", "stage_file"]
