"""The reckoning itself can fail: a small day that agrees, then each thing that could be wrong."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cast import NOW
from tests.journeys.crowd import Done
from tests.journeys.reckoning import Kept, complaints
from tests.journeys.witness import Arrival, Flying

CHAT, WORDS, REMINDER, THANKS, NEXT = 7, 1, 2, 3, 4


def row(number: int, kind: str, key: str, **more: Any) -> SimpleNamespace:
    usual = {"state": "sent", "reason": None, "repeated": False, "channel_message_id": number}
    return SimpleNamespace(id=number, kind=kind, unique_key=key, **usual | more)


def came(of: SimpleNamespace, message_id: int = 0, minutes: int = 0) -> Arrival:
    due = NOW + timedelta(minutes=minutes)
    flying = Flying(of.id, of.kind, of.repeated, of.unique_key, due)
    return Arrival(CHAT, message_id or of.id, f"{of.kind} {of.id}", (flying,))


@dataclass
class Day:
    """An educator's words, a reminder that died once on its way, an answer, and one more."""

    rows: dict[int, SimpleNamespace] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    died: Counter[int] = field(default_factory=lambda: Counter({REMINDER: 1}))
    done: Done = field(default_factory=Done)
    calls: list[SimpleNamespace] = field(default_factory=list)

    def __post_init__(self) -> None:
        words = row(WORDS, "text", "once:1")
        reminder = row(REMINDER, "reminder", "reminder:9", channel_message_id=20)
        thanks, after = row(THANKS, "screen", "reply:1:50:0"), row(NEXT, "screen", "reply:1:51:0")
        first = came(reminder)
        reminder.repeated = True
        self.rows = {one.id: one for one in (words, reminder, thanks, after)}
        self.arrivals = [came(words), first, came(reminder, 20), came(thanks), came(after)]
        self.done.words, self.done.forgotten = {"Mot 1.", "Mot 2."}, {"Mot 3."}
        self.done.answers[60, "own", "Mot 2."] += 1
        self.done.meetings, self.done.due = {9: "no"}, {"reply:1:50:0", "reply:1:51:0"}
        self.done.told[9, "meeting_no"] += 1
        self.kept = Kept(
            list(self.rows.values()),
            accepted=[50, 51],
            aside=[],
            inbox=Counter({(9, "meeting_no"): 1}),
            words=Counter({"Mot 1.": 1}),
            answers=Counter({(60, "own", "Mot 2."): 1}),
            meetings={9: "no"},
            unfinished=[],
        )

    def complaints(self) -> str:
        seen: Any = SimpleNamespace(
            arrivals=self.arrivals, died=self.died, transcript=self.calls, made=range(50, 52)
        )
        return "\n".join(complaints(self.kept, seen, self.done))


def test_a_day_that_agrees_has_nothing_to_say() -> None:
    assert Day().complaints() == ""


def claimed_by_none(day: Day) -> None:
    day.arrivals.append(Arrival(CHAT, 99, "de nulle part", ()))


def never_came(day: Day) -> None:
    del day.arrivals[0]


def not_marked(day: Day) -> None:
    day.arrivals[2] = day.arrivals[1]


def no_death(day: Day) -> None:
    day.died.clear()


def three_copies(day: Day) -> None:
    day.arrivals.append(day.arrivals[2])


def words_again(day: Day) -> None:
    day.rows[WORDS].state, day.rows[WORDS].repeated = "uncertain", True


def left_uncertain(day: Day) -> None:
    day.rows[REMINDER].state = "uncertain"


def still_claimed(day: Day) -> None:
    day.rows[NEXT].state = "claimed"


def out_of_order(day: Day) -> None:
    day.arrivals[3:] = day.arrivals[:2:-1]


def called(method: str, **parameters: str) -> SimpleNamespace:
    return SimpleNamespace(method=method, outcome="accepted", chat_id=CHAT, parameters=parameters)


def tap_answered_twice(day: Day) -> None:
    day.calls += [called("answerCallbackQuery", callback_query_id="4")] * 2


def words_heard_twice(day: Day) -> None:
    day.calls += [called("sendMessage", text="Parole 1.")] * 2


def words_out_of_order(day: Day) -> None:
    day.calls += [called("sendMessage", text=f"Parole {nth}.") for nth in (2, 1)]


def update_lost(day: Day) -> None:
    day.kept.accepted.pop()


def put_aside(day: Day) -> None:
    day.kept.aside.append(51)


def no_answer(day: Day) -> None:
    day.done.due.add("reply:1:52:0")


def word_lost(day: Day) -> None:
    day.kept.words.clear()


def word_doubled(day: Day) -> None:
    day.kept.words["Mot 1."] += 1


def word_in_both(day: Day) -> None:
    day.kept.words["Mot 2."] += 1


def word_not_forgotten(day: Day) -> None:
    day.kept.words["Mot 3."] += 1


def answer_doubled(day: Day) -> None:
    day.kept.answers[60, "sky", "rain"] += 1


def older_answer(day: Day) -> None:
    day.kept.meetings[9] = "late"


def news_doubled(day: Day) -> None:
    day.kept.inbox[9, "meeting_no"] += 1


def unfinished(day: Day) -> None:
    day.kept.unfinished.append(60)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (claimed_by_none, "0 messages were claimed when"),
        (never_came, "said to be sent and never came"),
        (not_marked, "without being marked uncertain first"),
        (no_death, "no process died with it"),
        (three_copies, "came 3 times"),
        (words_again, "an educator's words were sent on though uncertain"),
        (left_uncertain, "left uncertain and not repeated"),
        (still_claimed, "ended as claimed"),
        (out_of_order, "came after"),
        (tap_answered_twice, "was answered 2 times"),
        (words_heard_twice, "came as [1, 1]"),
        (words_out_of_order, "came as [2, 1]"),
        (update_lost, "1 were not accepted"),
        (put_aside, "set aside"),
        (no_answer, "never answered"),
        (word_lost, "words lost"),
        (word_doubled, "words too often"),
        (word_in_both, "words too often"),
        (word_not_forgotten, "words too often"),
        (answer_doubled, "answers too often"),
        (older_answer, "meetings lost"),
        (news_doubled, "news of meetings too often"),
        (unfinished, "brought to their end are not"),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_what_does_not_agree_is_said(wrong: Any, said: str) -> None:
    day = Day()
    wrong(day)
    assert said in day.complaints()
