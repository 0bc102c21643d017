"""The project as an app: roles, grants and checks."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class SopPortalConfig(AppConfig):
    """Applies the grants after each migration and keeps the wrong database role out."""

    name = "sop_portal"

    def ready(self) -> None:
        """Connect the grants (once per migrate, when the tables of all apps stand) and the check of the role."""
        import_module("sop_portal.live.receivers")
        from sop_portal.checks import register_deploy_checks
        from sop_portal.grants import apply_grants
        from sop_portal.log_context import connect_log_context
        from sop_portal.panels import check_panels
        from sop_portal.roles import check_role, refuse_wrong_role

        post_migrate.connect(apply_grants, sender=apps.get_app_config("cycles"), dispatch_uid="sop_portal.grants")
        connection_created.connect(refuse_wrong_role, dispatch_uid="sop_portal.roles")
        register(check_role, Tags.database)
        register(check_panels, Tags.urls)
        register_deploy_checks()
        connect_log_context()
