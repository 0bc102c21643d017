"""Conversations as they are read: the threads of a subject, and what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cycles.calc.mentions import Piece, pieces
from cycles.models import Comment, CommentWithdrawal, Mention, Plan, Thread, User


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as it stands: its last wording in pieces, the earlier wordings, or who took it back and why."""

    first: Comment
    wording: Comment
    earlier: tuple[Comment, ...]
    pieces: tuple[Piece, ...]
    withdrawal: CommentWithdrawal | None

    @property
    def is_withdrawn(self) -> bool:
        """Whether its author took it back."""
        return self.withdrawal is not None

    @property
    def is_corrected(self) -> bool:
        """Whether its wording was changed."""
        return bool(self.earlier)

    @property
    def correct_box(self) -> str:
        """Name of the box in which its author writes it anew."""
        return f"correct-{self.first.pk}"

    @property
    def withdraw_box(self) -> str:
        """Name of the box in which its author says why they take it back."""
        return f"withdraw-{self.first.pk}"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread with its remarks in the order in which they were first written."""

    thread: Thread
    remarks: tuple[Remark, ...]

    @property
    def box(self) -> str:
        """Name of its reply box."""
        return f"thread-{self.thread.pk}"


def conversations_of(plan: Plan, kind: str, key: str) -> list[Conversation]:
    """Return the threads about a subject: open ones first, then the newest first. Three queries however many."""
    found = Thread.objects.filter(plan=plan, subject_kind=kind, subject_key=key)
    threads = list(found.select_related("opened_by", "resolved_by").order_by("-id"))
    rows = Comment.objects.filter(thread__in=threads).select_related("author").order_by("id")
    withdrawals = CommentWithdrawal.objects.filter(comment__thread__in=threads).select_related("comment__author")
    withdrawn = {row.comment_id: row for row in withdrawals}
    said: dict[int, list[Comment]] = {}
    for row in rows:
        said.setdefault(row.corrects_id or row.pk, []).append(row)
    remarks: dict[int, list[Remark]] = {}
    for first_id, wordings in said.items():
        remark = _remark(wordings, withdrawn.get(first_id))
        remarks.setdefault(wordings[0].thread_id, []).append(remark)
    told = [Conversation(thread, tuple(remarks[thread.pk])) for thread in threads]
    return sorted(told, key=lambda conversation: not conversation.thread.is_open)


def _remark(wordings: list[Comment], withdrawal: CommentWithdrawal | None) -> Remark:
    latest = max(wordings, key=lambda wording: wording.revision)
    earlier = tuple(wording for wording in wordings if wording is not latest)
    return Remark(wordings[0], latest, earlier, pieces(latest.text), withdrawal)


def open_counts(plan: Plan) -> dict[tuple[str, str], int]:
    """Return how many threads are open per kind and key of subject; those without any are absent. One query."""
    found = Thread.objects.filter(plan=plan, resolved_at__isnull=True).order_by()
    rows = found.values_list("subject_kind", "subject_key").annotate(count=Count("pk"))
    return {(kind, key): count for kind, key, count in rows}


class Turn(StrEnum):
    """Why a thread waits for a person: they were asked, or their own question was answered."""

    ASKED = "asked"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class WaitingThread:
    """An open thread and the comment that makes it this person's turn."""

    thread: Thread
    comment: Comment
    turn: Turn


def open_threads_for(user: User, plan: Plan) -> list[WaitingThread]:
    """Return the open threads of a plan in which it is this person's turn, the longest waiting first. Two queries.

    Asked: somebody named them in a comment that stands and they have not written in the thread since. Answered: they
    opened the thread and somebody else wrote the last comment; it is theirs to resolve or to ask on.
    """
    own = Comment.objects.filter(thread=OuterRef("comment__thread"), author=user).order_by("-id").values("id")[:1]
    asked = standing_mentions().filter(
        user=user,
        comment__thread__plan=plan,
        comment__thread__resolved_at__isnull=True,
        comment__gt=Coalesce(Subquery(own), 0),
    )
    waiting = {
        mention.comment.thread_id: WaitingThread(mention.comment.thread, mention.comment, Turn.ASKED)
        for mention in asked.select_related("comment__thread", "comment__author").order_by("-id")
    }
    for comment in _last_words_to(user, plan):
        waiting.setdefault(comment.thread_id, WaitingThread(comment.thread, comment, Turn.ANSWERED))
    return sorted(waiting.values(), key=lambda one: one.comment.pk)


def standing_mentions() -> QuerySet[Mention]:
    """Return the mentions that readers see: in the last wording of a comment that nobody took back."""
    first = Coalesce("comment__corrects", "comment")
    later = Comment.objects.filter(corrects=OuterRef("first"), revision__gt=OuterRef("comment__revision"))
    withdrawn = CommentWithdrawal.objects.filter(comment=OuterRef("first"))
    return Mention.objects.annotate(first=first).filter(~Exists(later), ~Exists(withdrawn))


def _last_words_to(user: User, plan: Plan) -> QuerySet[Comment]:
    """The last comment of each open thread that this person opened, where somebody else wrote it."""
    last = Comment.objects.filter(thread=OuterRef("thread"), withdrawal__isnull=True).order_by("-id").values("id")[:1]
    mine = Q(thread__plan=plan, thread__opened_by=user, thread__resolved_at__isnull=True)
    words = Comment.objects.filter(mine).annotate(last=Subquery(last)).filter(pk=F("last"))
    return words.exclude(author=user).select_related("thread", "author").order_by("id")
