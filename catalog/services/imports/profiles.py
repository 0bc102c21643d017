"""Saved mappings: kept per source under a name, changed with a revision, withdrawn instead of deleted."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from catalog.models import ImportBatch, MappingProfile
from catalog.registry import dataset_named
from catalog.services.imports.mapping import MappingDocument, MappingRefused, document_of, mapping_of

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}")
LOOKED_BACK = 200


class MappingMoved(Exception):
    """Somebody else changed the mapping since it was read; `profile` is how it is now."""

    def __init__(self, profile: MappingProfile) -> None:
        super().__init__(
            f"{profile.changed_by} changed {profile.name} meanwhile: it is at revision {profile.revision} now."
        )
        self.profile = profile


def profile_document(document: dict[str, Any]) -> MappingDocument:
    """The mapping of a document that names its dataset, its name and its source.

    Raises:
        MappingRefused: one of the three is missing or unknown, or the document is no mapping.
    """
    if not document.get("dataset"):
        raise MappingRefused("dataset: say which dataset the mapping is for, such as `dataset: sales_monthly`.")
    try:
        dataset = dataset_named(str(document["dataset"]))
    except LookupError as error:
        raise MappingRefused(f"dataset: {error.args[0]}") from error
    mapping = mapping_of(document, dataset)
    if not PLAIN_NAME.fullmatch(mapping.name):
        raise MappingRefused("mapping: give a name of letters, digits, spaces, points, - and _ (at most 80).")
    if not 0 < len(mapping.source.strip()) <= 80:
        raise MappingRefused("source: name the system that the files come from (at most 80 characters).")
    return mapping


@transaction.atomic
def save_profile(
    *, document: dict[str, Any], actor: AbstractBaseUser, base_revision: int | None = None
) -> tuple[MappingProfile, dict[str, Any]]:
    """Keep a mapping under its name; saving what is there already changes nothing.

    Args:
        document: names `mapping`, `source` and `dataset`, and the rest.
        actor: who saves it.
        base_revision: the revision that the writer saw, 0 for a new one; None overwrites whatever is there (a YAML
            file that is imported).

    Returns:
        The profile and the document that it had before ({} when it is new).

    Raises:
        MappingRefused: the document is no mapping, or the name belongs to another dataset.
        MappingMoved: it has another revision by now.
    """
    mapping = profile_document(document)
    kept = document_of(mapping)
    profile = MappingProfile.objects.select_for_update().filter(name=mapping.name).first()
    if profile is None:
        made = {"source": mapping.source, "dataset": mapping.dataset, "document": kept}
        return MappingProfile.objects.create(name=mapping.name, changed_by=actor.get_username(), **made), {}
    if profile.dataset != mapping.dataset:
        raise MappingRefused(f"mapping: {mapping.name} is a mapping of {profile.dataset}; choose another name.")
    before = dict(profile.document)
    if before == kept and not profile.is_withdrawn:
        return profile, before
    if base_revision is not None and base_revision != profile.revision:
        raise MappingMoved(profile)
    profile.document, profile.source, profile.is_withdrawn = kept, mapping.source, False
    profile.revision += 1
    profile.changed_by = actor.get_username()
    profile.save()
    return profile, before


@transaction.atomic
def withdraw_profile(*, name: str, actor: AbstractBaseUser) -> MappingProfile:
    """Offer a mapping no more; a second call changes nothing. Saving it again brings it back.

    Raises:
        MappingProfile.DoesNotExist: there is none of that name.
    """
    profile = MappingProfile.objects.select_for_update().get(name=name)
    if not profile.is_withdrawn:
        profile.is_withdrawn, profile.changed_by = True, actor.get_username()
        profile.revision += 1
        profile.save()
    return profile


def used_last(*, dataset: str, file_name: str) -> MappingProfile | None:
    """The mapping that read the last applied or checked file of a like name; like = equal but for its digits."""
    batches = ImportBatch.objects.filter(dataset=dataset).exclude(status=ImportBatch.Status.REFUSED)
    wanted = _shape(file_name)
    for name, mapping in batches.order_by("-id").values_list("file_name", "mapping_name")[:LOOKED_BACK]:
        if _shape(name) == wanted:
            return MappingProfile.objects.filter(name=mapping, dataset=dataset, is_withdrawn=False).first()
    return None


def _shape(file_name: str) -> str:
    return re.sub(r"\d+", "#", PurePath(file_name).name.lower())
