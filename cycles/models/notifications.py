"""What a person is told: notifications, and the kinds that a person does not want."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cycles.models.conversations import Thread
from cycles.models.planning import Plan


class Notification(models.Model):
    """One thing that one person is told. Grain: person × event; written in the transaction of what happened.

    `event_key` names the event, so that a retry tells nobody twice. `about` holds codes and names, never values of the
    plan; the sentence is made when it is read, from the registered kind. Only `read_at` ever changes.
    """

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    event_key = models.CharField(max_length=120)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="notifications")
    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    thread = models.ForeignKey(Thread, null=True, blank=True, on_delete=models.PROTECT, related_name="notifications")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_newest"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notification_unread"),
        ]
        constraints = [models.UniqueConstraint(fields=["recipient", "event_key"], name="notification_once_per_event")]

    def __str__(self) -> str:
        return f"{self.recipient_id} · {self.kind} · {self.about}"


class NotificationMute(models.Model):
    """A kind of notification that a person does not want. Grain: person × kind; no row means wanted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="muted_kinds")
    kind = models.CharField(max_length=40)

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notificationmute_once")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.kind}"
