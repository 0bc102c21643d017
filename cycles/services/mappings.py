"""Mappings of a source's files: saved, withdrawn and chosen by people who may import, each change with its audit row."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.models import MappingProfile
from catalog.registry import dataset_named
from catalog.services.imports import ChosenMapping, MappingDocument, MappingRefused
from catalog.services.imports.mapping import document_of_yaml, mapping_of
from catalog.services.imports.profiles import MappingMoved, save_profile, used_last, withdraw_profile
from cycles.errors import DomainError
from cycles.models import User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit

AS_LAST_TIME, NONE = "(last)", ""


class MappingConflict(DomainError):
    """Somebody else changed the mapping since it was opened."""

    code = "mapping_conflict"


class MappingUnusable(DomainError):
    """The document is no mapping, or there is no such mapping; the sentence says where and why."""

    code = "mapping_unusable"


def save_mapping(*, document: dict[str, Any], actor: User, base_revision: int | None = None) -> MappingProfile:
    """Keep a mapping under its name; saving what is there changes nothing and writes no audit row.

    Raises:
        NotAllowedToYou: the actor may not import.
        MappingUnusable: the document is no mapping.
        MappingConflict: `base_revision` is not the mapping's revision.
    """
    authorise(actor=actor, action=Action.IMPORT)
    with transaction.atomic():
        seen = MappingProfile.objects.filter(name=str(document.get("mapping", ""))).first()
        try:
            profile, before = save_profile(document=document, actor=actor, base_revision=base_revision)
        except MappingRefused as error:
            raise MappingUnusable(str(error)) from error
        except MappingMoved as error:
            raise MappingConflict(f"{error} Yours was not saved.") from error
        if seen is None or seen.revision != profile.revision:
            record_audit(
                actor=actor,
                code="cycles.mapping.saved",
                subject=f"{profile.name} · {profile.dataset}",
                before=before,
                after={"revision": profile.revision, **profile.document},
            )
    return profile


def save_mapping_text(*, text: str, actor: User, base_revision: int | None = None) -> MappingProfile:
    """`save_mapping` of a YAML text; raises the same."""
    try:
        document = document_of_yaml(text)
    except MappingRefused as error:
        raise MappingUnusable(str(error)) from error
    return save_mapping(document=document, actor=actor, base_revision=base_revision)


def withdraw_mapping(*, name: str, actor: User) -> MappingProfile:
    """Offer a mapping no more; batches keep the document that they were read with. A second call changes nothing.

    Raises:
        NotAllowedToYou: the actor may not import.
        MappingUnusable: there is none of that name.
    """
    authorise(actor=actor, action=Action.IMPORT)
    with transaction.atomic():
        seen = MappingProfile.objects.filter(name=name).first()
        if seen is None:
            raise MappingUnusable(f"There is no mapping {name}.")
        profile = withdraw_profile(name=name, actor=actor)
        if not seen.is_withdrawn:
            after = {"revision": profile.revision}
            record_audit(actor=actor, code="cycles.mapping.withdrawn", subject=name, after=after)
    return profile


def chosen_mapping(*, name: str, dataset: str, file_name: str) -> ChosenMapping | None:
    """The mapping that a person chose for a file: none, one by name, or the one that read a like file last.

    Raises:
        MappingUnusable: there is no such mapping for this dataset.
    """
    if name == NONE:
        return None
    if name == AS_LAST_TIME:
        profile = used_last(dataset=dataset, file_name=file_name)
        return chosen(profile) if profile else None
    profile = MappingProfile.objects.filter(name=name, dataset=dataset, is_withdrawn=False).first()
    if profile is None:
        raise MappingUnusable(f"There is no mapping {name} for the dataset {dataset}.")
    return chosen(profile)


def chosen(profile: MappingProfile) -> ChosenMapping:
    """A saved mapping, ready to read a file."""
    document = mapping_of(profile.document, dataset_named(profile.dataset))
    return ChosenMapping(document, profile.name, profile.revision)


def mapping_of_text(text: str, *, dataset: str) -> MappingDocument:
    """The mapping that a YAML text describes for a dataset, without saving it.

    Raises:
        MappingUnusable: it is none.
    """
    try:
        return mapping_of(document_of_yaml(text), dataset_named(dataset))
    except MappingRefused as error:
        raise MappingUnusable(str(error)) from error
