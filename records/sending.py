"""The one rule that says when, and whether, a message goes out.

`decide` is pure and is asked three times with the same facts: by the desk's preview, by
`relais queue`, and by delivery at the second of sending — so that they cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from records.hours import Hours, late_change_at
from records.reasons import Because, Dropped

ALWAYS_LEAVES = frozenset(
    {"screen", "phrase", "passing", "card", "question", "wipe"}
)  # answers to what the youth just did
OFFERS = ("offer", "course")
WAIT_THEIR_TURN = (*OFFERS, "plan", "again", "rule")  # while an exercise is under way
DIALOGUE_PATIENCE = timedelta(minutes=30)
LATE = timedelta(hours=24)
EARLY_ENOUGH = timedelta(hours=1)  # before a meeting: later than that hardly helps


# The answers after which what goes with a meeting has no meaning.
_NOT_COMING = {"reminder": ("no",), "offer": ("no", "change")}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rule looks at. Times are aware; `sent_this_week` counts unasked messages."""

    kind: str
    purpose: str | None
    unasked: bool
    due_at: datetime
    not_after: datetime
    contact_state: str | None  # None: no phone is linked
    given: dict[str, bool]  # consent that stands; a purpose never asked is absent
    regime_satisfied: bool
    paused: bool
    closed: bool
    to_ask_again: bool = False  # a yes was given, under another text or age: it counts no more
    regimes: dict[str, str] = field(default_factory=dict)  # under which each yes was given
    meeting_state: str | None = None
    meeting_answer: str | None = None
    useful_until: datetime | None = None  # the meeting's start, the earlier one after a move
    meeting_revision_holds: bool = True
    hours: Hours | None = None
    zone: str = "Europe/Paris"
    sent_this_week: int = 0
    weekly_budget: int = 5
    week_ends_at: datetime | None = None
    in_dialogue_since: datetime | None = None
    silent: bool = True  # a nudge: its script still waits
    lost: Dropped | None = None  # why its course would not propose it any more
    by_itself: bool = False  # nobody proposed it: it never asks for a consent that is missing
    answered: bool = False  # the survey that it reminds of


@dataclass(frozen=True, slots=True)
class Verdict:
    """`send`, `later` (with `at`) or `drop`; `reason` is a code of docs/reasons.md."""

    action: str
    reason: Because = ""
    at: datetime | None = None
    asks_consent: bool = False


SEND = Verdict("send")


def decide(facts: Facts, now: datetime) -> Verdict:
    """What becomes of a message if it were looked at on `now`."""
    if now >= facts.not_after:
        return Verdict("drop", "expired")
    if facts.kind == "card":
        return SEND  # help answers anyone at any hour
    return _no_longer_wanted(facts) or _not_yet(facts, now) or _asking(facts)


def _no_longer_wanted(facts: Facts) -> Verdict | None:
    if facts.contact_state is None:
        return Verdict("drop", "no_phone")
    if facts.contact_state == "unreachable":
        return Verdict("drop", "unreachable")
    if facts.kind in ALWAYS_LEAVES:
        return None
    if facts.closed:
        return Verdict("drop", "closed")
    if facts.contact_state != "confirmed":
        return Verdict("drop", "unconfirmed")
    return _meaning_lost(facts) or _consent_missing(facts)


def _no_more_of_it(facts: Facts) -> Dropped | None:
    """Why what it proposes, or reminds of, is over."""
    if not facts.silent:
        return "taken_up"
    return "already_answered" if facts.answered else facts.lost


def _meaning_lost(facts: Facts) -> Verdict | None:
    if lost := _no_more_of_it(facts):
        return Verdict("drop", lost)
    if facts.meeting_state is None:
        return None
    if facts.kind != "cancelled" and facts.meeting_state != "planned":
        return Verdict("drop", "meeting_cancelled")
    if not facts.meeting_revision_holds:
        return Verdict("drop", "meeting_moved")
    if facts.meeting_answer in _NOT_COMING.get(facts.kind, ()):
        return Verdict("drop", "said_no")  # asking again would be pressing
    return None


def _consent_missing(facts: Facts) -> Verdict | None:
    if facts.paused and facts.purpose != "reminders":
        return Verdict("drop", "paused")
    if facts.kind == "rule":
        return None  # what may happen to them is told to whoever wants anything sent at all
    if facts.kind == "again":
        return None if facts.to_ask_again else Verdict("drop", "nothing_to_ask")
    if facts.purpose is None:
        return None
    if not facts.regime_satisfied:
        return Verdict("drop", "parental_agreement_missing")
    return _not_agreed(facts, facts.given.get(facts.purpose))


def _not_agreed(facts: Facts, standing: bool | None) -> Verdict | None:
    if standing is not None:
        return None if standing else Verdict("drop", "refused")
    if facts.kind in OFFERS and facts.given.get("messages") and not facts.by_itself:
        return None  # the offer itself asks for the consent that is missing
    return Verdict("drop", "to_ask_again" if facts.to_ask_again else "not_asked")


def _not_yet(facts: Facts, now: datetime) -> Verdict | None:
    if not facts.unasked:
        return None
    return (
        _after_dialogue(facts, now)
        or _in_hours(facts, max(now, facts.due_at))
        or _in_budget(facts, max(now, facts.due_at))
    )


def _after_dialogue(facts: Facts, now: datetime) -> Verdict | None:
    """One thing at a time: an offer, a plan or a question waits for the end of the exercise; a
    reminder passes by."""
    since = facts.in_dialogue_since
    if facts.kind in WAIT_THEIR_TURN and since is not None and now < since + DIALOGUE_PATIENCE:
        return Verdict("later", "one_thing_at_a_time", since + DIALOGUE_PATIENCE)
    return None


def _in_hours(facts: Facts, at: datetime) -> Verdict | None:
    if facts.hours is None:
        return None
    useful = facts.useful_until
    if useful is not None and useful <= at:  # that start has gone by: what is left is the other one
        useful = facts.not_after
    opening = opens_at(facts.hours, at, facts.kind, useful)
    if opening <= at:
        return None
    if opening >= facts.not_after:
        return Verdict("drop", "no_window_in_time")
    return Verdict("later", "quiet_hours", opening)


def opens_at(hours: Hours, at: datetime, kind: str, useful_until: datetime | None) -> datetime:
    """When what is due on `at` may leave: at the next window; or, about a meeting, in the hours
    of a late change when that window would open too late to be useful, or when a change comes
    within 24 hours."""
    if hours.is_open(at):
        return at
    opening = hours.next_open(at)
    if useful_until is None:
        return opening
    urgent = kind in ("changed", "cancelled") and useful_until - at <= LATE
    if opening <= useful_until - EARLY_ENOUGH and not urgent:
        return opening
    return min(opening, late_change_at(at, hours.zone, useful_until))


def _in_budget(facts: Facts, at: datetime) -> Verdict | None:
    """Reminders, changes and cancellations count but are never held back."""
    if facts.purpose == "reminders" or facts.sent_this_week < facts.weekly_budget:
        return None
    if facts.week_ends_at is None or facts.week_ends_at >= facts.not_after:
        return Verdict("drop", "weekly_budget")
    if at >= facts.week_ends_at:
        return None  # what was sent belongs to a week that is over by then
    return Verdict("later", "weekly_budget", facts.week_ends_at)


def _asking(facts: Facts) -> Verdict:
    never_asked = facts.kind in OFFERS and facts.given.get(facts.purpose or "") is None
    return Verdict("send", asks_consent=never_asked)


def foresee(
    facts: Facts, now: datetime, as_of: Callable[[datetime], Facts] | None = None
) -> Verdict:
    """What will become of a message, and the real time at which it leaves (`at`).

    Walks from wait to wait; `reason` keeps what held it back the longest. `as_of` gives the
    facts of a later instant, where they are known to differ.
    """
    reason: Because = ""
    at, longest = max(now, facts.due_at), timedelta(0)
    for _ in range(8):
        verdict = decide(as_of(at) if as_of else facts, at)
        if verdict.action == "drop":
            return verdict
        if verdict.action == "send":
            return Verdict("send", reason, at, verdict.asks_consent)
        assert verdict.at is not None
        if verdict.at - at >= longest:
            reason, longest = verdict.reason, verdict.at - at
        at = verdict.at
    return Verdict("later", reason, at)
