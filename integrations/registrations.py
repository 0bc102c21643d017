"""What integrations registers at start-up."""

from __future__ import annotations

from cycles.registry import register_audit_codes

register_audit_codes(
    "integrations.key.issued",
    "integrations.key.rotated",
    "integrations.key.revoked",
    "integrations.plan.acknowledged",
)
