"""The one rule that says when, and whether, a message goes out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.hours import Hours
from records.sending import Facts, decide, foresee

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # Monday, 18 h in Paris: open for everyone
HOURS = Hours("Europe/Paris", "C", "", school_aged=True)
ALL = dict.fromkeys(("reminders", "messages", "exercises", "checkins", "sharing", "surveys"), True)
TEXT = Facts(
    kind="text",
    purpose="messages",
    unasked=True,
    due_at=NOW,
    not_after=NOW + timedelta(days=2),
    contact_state="confirmed",
    given=ALL,
    regime_satisfied=True,
    paused=False,
    closed=False,
    hours=HOURS,
    week_ends_at=NOW + timedelta(days=6),
)
REMINDER = replace(
    TEXT,
    kind="reminder",
    purpose="reminders",
    meeting_state="planned",
    useful_until=NOW + timedelta(hours=20),
    not_after=NOW + timedelta(hours=20),
)
OFFER = replace(TEXT, kind="offer", purpose="exercises")


def test_what_is_wanted_and_due_is_sent() -> None:
    assert decide(TEXT, NOW).action == "send"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"closed": True}, "closed"),
        ({"contact_state": None}, "no_phone"),
        ({"contact_state": "unreachable"}, "unreachable"),
        ({"contact_state": "unconfirmed"}, "unconfirmed"),
        ({"paused": True}, "paused"),
        ({"given": {}}, "not_asked"),
        ({"given": {"messages": False}}, "refused"),
        ({"regime_satisfied": False}, "parental_agreement_missing"),
        ({"not_after": NOW}, "expired"),
    ],
)
def test_what_lost_its_reason_is_dropped(changed: dict[str, object], reason: str) -> None:
    verdict = decide(replace(TEXT, **changed), NOW)  # type: ignore[arg-type]
    assert (verdict.action, verdict.reason) == ("drop", reason)


def test_a_pause_lets_meeting_reminders_through() -> None:
    assert decide(replace(REMINDER, paused=True), NOW).action == "send"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"meeting_state": "cancelled"}, "meeting_cancelled"),
        ({"meeting_revision_holds": False}, "meeting_moved"),
    ],
)
def test_a_reminder_never_speaks_of_a_meeting_that_changed(
    changed: dict[str, object], reason: str
) -> None:
    assert decide(replace(REMINDER, **changed), NOW).reason == reason  # type: ignore[arg-type]


def test_the_budget_holds_back_words_until_monday_and_says_so() -> None:
    verdict = decide(replace(TEXT, sent_this_week=5, not_after=NOW + timedelta(days=9)), NOW)
    assert (verdict.action, verdict.reason, verdict.at) == (
        "later",
        "weekly_budget",
        NOW + timedelta(days=6),
    )


def test_the_budget_never_holds_back_a_reminder() -> None:
    assert decide(replace(REMINDER, sent_this_week=99), NOW).action == "send"


def test_an_offer_waits_for_the_end_of_the_exercise() -> None:
    verdict = decide(replace(OFFER, in_dialogue_since=NOW - timedelta(minutes=10)), NOW)
    assert (verdict.action, verdict.reason) == ("later", "one_thing_at_a_time")


def test_a_reminder_passes_beside_an_exercise() -> None:
    assert decide(replace(REMINDER, in_dialogue_since=NOW), NOW).action == "send"


def test_an_offer_asks_for_the_consent_that_was_never_asked() -> None:
    verdict = decide(replace(OFFER, given={"messages": True}), NOW)
    assert (verdict.action, verdict.asks_consent) == ("send", True)


def test_an_offer_whose_consent_was_refused_is_dropped() -> None:
    assert decide(replace(OFFER, given={"messages": True, "exercises": False}), NOW).reason == (
        "refused"
    )


def test_help_answers_at_any_hour_whatever_was_refused() -> None:
    night = NOW.replace(hour=2)
    card = replace(
        TEXT,
        kind="card",
        purpose=None,
        unasked=False,
        closed=True,
        given={},
        not_after=night + timedelta(days=1),
    )
    assert decide(card, night).action == "send"


def test_an_answer_leaves_at_night() -> None:
    night = NOW.replace(hour=2)
    assert (
        decide(
            replace(
                TEXT,
                kind="screen",
                purpose=None,
                unasked=False,
                not_after=night + timedelta(days=1),
            ),
            night,
        ).action
        == "send"
    )


def test_a_change_at_night_waits_for_seven() -> None:
    night = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # midnight in Paris
    changed = replace(
        REMINDER,
        kind="changed",
        useful_until=night + timedelta(hours=14),
        not_after=night + timedelta(hours=14),
        due_at=night,
    )
    assert decide(changed, night).at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def test_a_change_that_would_come_too_late_leaves_in_the_night() -> None:
    night = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # five in the morning in Paris
    changed = replace(
        REMINDER,
        kind="cancelled",
        meeting_state="cancelled",
        due_at=night,
        useful_until=night + timedelta(hours=2),
        not_after=night + timedelta(hours=2),
    )
    assert decide(changed, night).action == "send"


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@given(
    moments,
    st.timedeltas(timedelta(0), timedelta(days=10)),
    st.booleans(),
    st.integers(0, 8),
    st.sampled_from(["text", "offer", "reminder"]),
)
def test_the_foreseen_time_is_the_time_of_sending(
    now: datetime, ahead: timedelta, school_aged: bool, sent: int, kind: str
) -> None:
    """Preview and delivery agree, and nothing unasked leaves outside its window or its life."""
    purpose = {"text": "messages", "offer": "exercises", "reminder": "reminders"}[kind]
    hours = replace(HOURS, school_aged=school_aged)
    facts = replace(
        TEXT,
        kind=kind,
        purpose=purpose,
        due_at=now + ahead,
        hours=hours,
        not_after=now + ahead + timedelta(days=3),
        sent_this_week=sent,
        week_ends_at=now + timedelta(days=7),
    )
    verdict = foresee(facts, now)
    if verdict.action == "send":
        assert verdict.at is not None
        assert decide(facts, verdict.at).action == "send"
        assert hours.is_open(verdict.at)
        assert now + ahead <= verdict.at < facts.not_after
    else:
        assert verdict.action == "drop"


SATURDAY = datetime(2026, 11, 28, 19, 0, tzinfo=UTC)  # 20 h in Paris: no window before Monday


@pytest.mark.parametrize("kind", ["changed", "cancelled", "reminder"])
def test_what_cannot_wait_for_monday_leaves_on_saturday_evening(kind: str) -> None:
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    notice = replace(
        REMINDER,
        kind=kind,
        due_at=SATURDAY,
        useful_until=monday,
        not_after=monday,
        meeting_state="cancelled" if kind == "cancelled" else "planned",
    )
    assert decide(notice, SATURDAY).action == "send"


@given(
    moments,
    st.timedeltas(timedelta(minutes=5), timedelta(days=12)),
    st.sampled_from(["changed", "cancelled", "reminder"]),
    st.booleans(),
)
def test_a_meetings_news_always_leaves_before_the_meeting(
    now: datetime, ahead: timedelta, kind: str, school_aged: bool
) -> None:
    notice = replace(
        REMINDER,
        kind=kind,
        due_at=now,
        useful_until=now + ahead,
        not_after=now + ahead,
        hours=replace(HOURS, school_aged=school_aged),
        meeting_state="cancelled" if kind == "cancelled" else "planned",
    )
    verdict = foresee(notice, now)
    assert verdict.action == "send"
    assert verdict.at is not None
    assert now <= verdict.at < now + ahead


def test_a_change_whose_old_time_has_gone_by_waits_for_the_morning() -> None:
    """Telegram was down until 23 h: the meeting of 20 h is over, the new one is tomorrow at 18 h."""
    night = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    changed = replace(
        REMINDER,
        kind="changed",
        due_at=night - timedelta(hours=5),
        useful_until=night - timedelta(hours=3),
        not_after=night + timedelta(hours=19),
    )
    assert decide(changed, night).at == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


@given(moments, st.booleans())
def test_a_window_is_open_from_its_first_minute_and_closed_on_its_last(
    at: datetime, school_aged: bool
) -> None:
    hours = replace(HOURS, school_aged=school_aged)
    span = hours.window(hours.local_day(hours.next_open(at)))
    assert span is not None
    text = replace(TEXT, hours=hours, not_after=span[1] + timedelta(days=9))
    assert decide(replace(text, due_at=span[0]), span[0]).action == "send"
    assert decide(replace(text, due_at=span[0]), span[1] - timedelta(seconds=1)).action == "send"
    assert decide(replace(text, due_at=span[0]), span[1]).action == "later"
