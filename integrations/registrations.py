"""What integrations registers at start-up."""

from __future__ import annotations

from cycles.policy import Action
from cycles.registry import register_audit_codes
from cycles.registry.access import AccessSource, register_access_source
from cycles.registry.places import Place, register_place
from cycles.registry.retention import Retention, register_retention
from integrations.services.acknowledgements import KEPT_DAYS, forget_answers
from integrations.services.key_review import key_lines

register_audit_codes(
    "integrations.key.issued",
    "integrations.key.rotated",
    "integrations.key.revoked",
    "integrations.plan.acknowledged",
)
register_retention(Retention("integrations.answers", KEPT_DAYS, forget_answers))
register_place(Place("Integrations", "integrations:page", "link", Action.READ_INTEGRATIONS))
register_access_source(AccessSource("integrations.keys", "Keys of machines", key_lines))
