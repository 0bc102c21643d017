"""Conversations: open a thread, reply, correct, withdraw, resolve. Each gesture is one transaction with its news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from cycles.calc.mentions import mentioned_names
from cycles.errors import MentionRefused, NotAllowedNow, NotAllowedToYou, ReasonMissing, UnknownEntry
from cycles.models import Comment, CommentWithdrawal, Mention, Plan, Thread, User
from cycles.policy import Action
from cycles.registry.subjects import Place
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.notifications import News, tell
from cycles.services.subjects import by_name, people_who_see, place_for
from cycles.signals import commented

LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class About:
    """What is talked about: a plan, a registered kind of subject and its key."""

    plan: Plan
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes. `gesture` is made with the form: the same one again writes nothing."""

    text: str
    gesture: UUID


def open_thread(*, about: About, words: Words, actor: User) -> Comment:
    """Open a thread about a subject with its first comment; tells whoever it names. Audited.

    Raises:
        UnknownEntry: the actor sees no such subject.
        NotAllowedToYou: by the rights table. NotAllowedNow: the cycle is closed.
        ReasonMissing: no text, or too much. MentionRefused: somebody named may not see it; nothing is kept.
    """
    place = _place(actor, about)
    return _once(words, actor, lambda: _write(_new_thread(about, place, actor), place, words, actor))


def reply(*, thread_id: int, words: Words, actor: User) -> Comment:
    """Answer a thread; a resolved one is open again. Tells those who take part, and whoever it names. Audited.

    Raises:
        UnknownEntry, NotAllowedToYou, NotAllowedNow, ReasonMissing, MentionRefused: as `open_thread`.
    """

    def write() -> Comment:
        thread, place = _lock_thread(thread_id, actor)
        _set_resolved(thread, None, actor)
        return _write(thread, place, words, actor)

    return _once(words, actor, write)


def correct_comment(*, comment_id: int, words: Words, actor: User) -> Comment:
    """Write one's own comment anew; the earlier wording stays readable. Tells whoever is named for the first time.

    Raises:
        UnknownEntry, NotAllowedNow, ReasonMissing, MentionRefused: as `open_thread`.
        NotAllowedToYou: somebody else wrote it. NotAllowedNow: it was withdrawn.
    """

    def write() -> Comment:
        first, place = _lock_comment(comment_id, actor, "correct")
        return _write(first.thread, place, words, actor, corrects=first)

    return _once(words, actor, write)


def withdraw_comment(*, comment_id: int, reason: str, actor: User) -> CommentWithdrawal:
    """Take one's own comment back, with a reason; readers see who and why, the audit row keeps the text.

    Possible also when the cycle is closed. Notifications about it stay: they hold no text.

    Raises:
        UnknownEntry, ReasonMissing.
        NotAllowedToYou: somebody else wrote it. NotAllowedNow: it was withdrawn already.
    """
    if not reason.strip():
        raise ReasonMissing("Say why you take the comment back.")
    with transaction.atomic():
        first, _ = _lock_comment(comment_id, actor, "withdraw")
        latest = first.corrections.order_by("-revision").first() or first
        withdrawal = CommentWithdrawal.objects.create(comment=first, reason=reason.strip())
        _note(first.thread, "cycles.comment.withdrawn", actor, {"before": {"text": latest.text}}, reason=reason.strip())
    return withdrawal


def resolve_thread(*, thread_id: int, actor: User) -> Thread:
    """open → resolved; tells those who take part. Audited. A second call changes nothing; possible in a closed cycle.

    Raises:
        UnknownEntry, NotAllowedToYou.
    """
    with transaction.atomic():
        thread, _ = _lock_thread(thread_id, actor)
        if _set_resolved(thread, actor, actor):
            key = f"resolved:{thread.pk}:{thread.resolved_at:%Y%m%d%H%M%S%f}"
            tell(_news("conversation.resolved", key, thread, actor), _taking_part(thread))
    return thread


def reopen_thread(*, thread_id: int, actor: User) -> Thread:
    """resolved → open; audited. A second call changes nothing.

    Raises:
        UnknownEntry, NotAllowedToYou. NotAllowedNow: the cycle is closed.
    """
    with transaction.atomic():
        thread, _ = _lock_thread(thread_id, actor)
        _refuse_closed(thread.plan)
        _set_resolved(thread, None, actor)
    return thread


def is_closed(plan: Plan) -> bool:
    """Whether the next cycle was opened from this plan: its conversations then take no new words."""
    return Plan.objects.filter(previous=plan).exists()


def _refuse_closed(plan: Plan) -> None:
    if is_closed(plan):
        raise NotAllowedNow(f"The cycle of {plan.number} is closed; write in the cycle that followed it.")


def _once(words: Words, actor: User, write: Callable[[], Comment]) -> Comment:
    """Write in one transaction; a gesture that was kept already, or is being kept at this moment, is returned."""
    text = words.text.strip()
    if not text:
        raise ReasonMissing("A comment needs words.")
    if len(text) > LONGEST_TEXT:
        raise ReasonMissing(f"A comment has at most {LONGEST_TEXT:,} characters; this one has {len(text):,}.")
    kept = Comment.objects.select_related("thread__plan").filter(gesture=words.gesture, author=actor)
    if (found := kept.first()) is not None:
        return found
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        if (found := kept.first()) is not None:
            return found
        raise


def _write(thread: Thread, place: Place, words: Words, actor: User, *, corrects: Comment | None = None) -> Comment:
    _refuse_closed(thread.plan)
    seeing = people_who_see(place)
    named = _named(words.text, place, seeing, actor)
    comment = Comment.objects.create(
        thread=thread,
        author=actor,
        text=words.text.strip(),
        corrects=corrects,
        revision=2 + corrects.corrections.count() if corrects else 1,
        gesture=words.gesture,
    )
    Mention.objects.bulk_create(Mention(comment=comment, user=user) for user in named)
    first = corrects or comment
    told = tell(_news("conversation.mention", f"mention:{first.pk}", thread, actor), named)
    if corrects is None:
        others = [user for user in _taking_part(thread) if user in seeing and user not in named]
        tell(_news("conversation.reply", f"reply:{comment.pk}", thread, actor), others)
    code = "cycles.comment.corrected" if corrects else "cycles.comment.written"
    after = {"comment": comment.pk, "thread": thread.pk, "named": [user.username for user in named], "told": len(told)}
    _note(thread, code, actor, {"after": after})
    return comment


def _named(text: str, place: Place, seeing: list[User], actor: User) -> list[User]:
    """The people whom a text names, the actor apart, each of whom is among those who see the place."""
    known, names = by_name(seeing), mentioned_names(text)
    if hidden := [name for name in names if name not in known]:
        raise MentionRefused(
            f"Nobody named @{', @'.join(hidden)} may see {place.label}, so nothing was sent. "
            "Choose a person from the list, or put the word into `backticks`."
        )
    return [known[name] for name in names if known[name] != actor]


def _taking_part(thread: Thread) -> list[User]:
    """Who opened the thread, wrote in it or was named in it."""
    written = Comment.objects.filter(thread=thread)
    ids = {thread.opened_by_id, *written.values_list("author_id", flat=True)}
    ids |= set(Mention.objects.filter(comment__thread=thread).values_list("user_id", flat=True))
    return list(User.objects.filter(pk__in=ids))


def _place(actor: User, about: About) -> Place:
    authorise(actor=actor, action=Action.COMMENT, plan=about.plan)
    place = place_for(actor, plan=about.plan, kind=about.kind, key=about.key)
    if place is None:
        raise UnknownEntry("There is no such subject in this plan.")
    return place


def _new_thread(about: About, place: Place, actor: User) -> Thread:
    return Thread.objects.create(
        plan=about.plan, subject_kind=about.kind, subject_key=about.key, about=place.label[:200], opened_by=actor
    )


def _lock_thread(thread_id: int, actor: User) -> tuple[Thread, Place]:
    thread = Thread.objects.select_for_update(of=("self",)).select_related("plan").filter(pk=thread_id).first()
    if thread is None:
        raise UnknownEntry("There is no such conversation.")
    return thread, _place(actor, About(thread.plan, thread.subject_kind, thread.subject_key))


def _lock_comment(comment_id: int, actor: User, verb: str) -> tuple[Comment, Place]:
    """The first writing of a comment of the actor's own that still stands, its thread locked."""
    first = Comment.objects.filter(pk=comment_id, corrects__isnull=True).select_related("thread").first()
    if first is None:
        raise UnknownEntry("There is no such comment.")
    first.thread, place = _lock_thread(first.thread_id, actor)
    if first.author_id != actor.pk:
        raise NotAllowedToYou(f"Only its author may {verb} a comment.")
    if CommentWithdrawal.objects.filter(comment=first).exists():
        raise NotAllowedNow("This comment was withdrawn already.")
    return first, place


def _set_resolved(thread: Thread, by: User | None, actor: User) -> bool:
    """Set or clear who resolved the thread; False when nothing is to be changed."""
    if (thread.resolved_at is None) == (by is None):
        return False
    thread.resolved_by, thread.resolved_at = by, timezone.now() if by else None
    thread.save(update_fields=["resolved_by", "resolved_at"])
    code = "cycles.thread.resolved" if by else "cycles.thread.reopened"
    _note(thread, code, actor, {"after": {"thread": thread.pk}})
    return True


def _news(kind: str, key: str, thread: Thread, actor: User) -> News:
    return News(kind, key, (thread.subject_kind, thread.subject_key), thread.about, thread.plan, actor, thread)


def _note(thread: Thread, code: str, actor: User, change: dict[str, object], reason: str = "") -> None:
    """Audit row and live signal of one gesture."""
    record_audit(actor=actor, code=code, plan=thread.plan, subject=str(thread), reason=reason, **change)
    commented.send(sender=Thread, plan_id=thread.plan_id, kind=thread.subject_kind, key=thread.subject_key)
