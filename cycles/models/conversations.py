"""What people say about a plan: threads about a subject, their comments, who is mentioned, what was withdrawn."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from cycles.models.planning import Plan


class Thread(models.Model):
    """One question or remark with its replies. Grain: plan × subject × opening comment. Never deleted.

    The subject is data: a registered kind and a key in that kind's words (`cycles.registry.Subject`). `about` is its
    name when the thread was opened: codes and names, never values of the plan. Open until somebody resolves it; a
    reply or "open again" opens it anew. Changed only by `cycles.services.conversations`.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="threads")
    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="opened_threads")
    opened_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "subject_kind", "subject_key"], name="thread_of_subject")]
        constraints = [
            models.CheckConstraint(
                name="thread_resolved_by_somebody",
                condition=Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} · {self.about}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.resolved_at is None


class Comment(models.Model):
    """What one person wrote at one time. Grain: one writing; append-only, for ever.

    A correction is a new row: it `corrects` the first writing and carries the next `revision`; readers see the last
    one, marked as corrected, and may open the earlier ones. `gesture` comes with the form, so that a request sent
    twice writes once.
    """

    append_only = True

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    revision = models.PositiveSmallIntegerField(default=1)
    gesture = models.UUIDField(unique=True, default=uuid.uuid4)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="comment_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="comment_first_corrects_nothing",
                condition=Q(corrects__isnull=True, revision=1) | Q(corrects__isnull=False, revision__gt=1),
            ),
            models.UniqueConstraint(fields=["corrects", "revision"], name="comment_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} · {self.author_id} · {self.revision}"


class CommentWithdrawal(models.Model):
    """The author took a comment back, with a reason. Grain: first writing; append-only. Its text stays in the table."""

    append_only = True

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="commentwithdrawal_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.comment_id} withdrawn"


class Mention(models.Model):
    """A person named by `@username` in a writing, who could see its subject then. Grain: writing × person; append-only."""

    append_only = True

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentions")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} · {self.user_id}"
