"""What is compared when all is quiet: the database, what reached the phones, what thumbs did.

`complaints` says in words all that does not agree; nothing to say is the proof. A copy of a message
counts as a repetition unless it is the first, and is allowed only if its row had been marked before
it came, after a death with it on its way.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import or_, select

from records import inbox, response
from records.appointment import appointment
from records.conversation import conversation
from records.database import Database
from records.message import message
from records.reception import accepted_update, set_aside
from tests.journeys.crowd import Done
from tests.journeys.witness import Arrival, Witness

WORDS = re.compile(r"Parole (\d+)\.")  # what the educator of the storm writes


@dataclass(frozen=True)
class Kept:
    """What the database holds. Words are opened."""

    messages: Sequence[Any]
    accepted: list[int]
    aside: list[int]
    inbox: Counter[tuple[int, str]]  # about a meeting: its id, kind
    words: Counter[str]
    answers: Counter[tuple[int, str, str]]
    meetings: dict[int, str]
    unfinished: list[int]


async def kept_in(database: Database, since: datetime) -> Kept:
    """Messages that had left by `since`, before the first life, are not looked at."""
    lately = or_(message.c.sent_at.is_(None), message.c.sent_at > since)
    async with database.read() as tx:
        in_ = await tx.rows(select(inbox.inbox))
        answers = await tx.rows(select(response.response))
        talks = await tx.rows(select(conversation))
        return Kept(
            await tx.rows(select(message).where(lately)),
            sorted(row.update_id for row in await tx.rows(select(accepted_update))),
            [row.update_id for row in await tx.rows(select(set_aside))],
            Counter((row.appointment_id, row.kind) for row in in_ if row.appointment_id),
            Counter(tx.vault.open("inbox.text", row.id, row.text) for row in in_ if row.text),
            Counter(
                (
                    row.conversation_id,
                    row.variable,
                    tx.vault.open("response.value", row.id, row.value),
                )
                for row in answers
            ),
            {row.id: row.answer for row in await tx.rows(select(appointment)) if row.answer},
            [talk.id for talk in talks if talk.status != "done"],
        )


def complaints(kept: Kept, seen: Witness, done: Done) -> list[str]:
    return [
        *of_copies(kept.messages, seen.arrivals, seen.died),
        *of_ends(kept.messages, seen.arrivals, seen.died),
        *of_order(seen.arrivals),
        *of_words(seen),
        *of_taps(seen),
        *of_updates(kept, seen.made),
        *of_answers_due(kept.messages, seen, done.due),
        *of_deeds(kept, done),
    ]


def copies_of(arrivals: Sequence[Arrival]) -> dict[int, list[Arrival]]:
    """What reached a phone, by the row it came from."""
    found: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        for row in arrival.flying[:1]:
            found[row.id].append(arrival)
    return found


def of_copies(
    messages: Sequence[Any], arrivals: Sequence[Arrival], died: Counter[int]
) -> Iterator[str]:
    for arrival in arrivals:
        if len(arrival.flying) != 1:
            yield f"{len(arrival.flying)} messages were claimed when {arrival.text!r} came"
    for row, copies in copies_of(arrivals).items():
        if len(copies) > 2:
            yield f"{copies[0].text!r} came {len(copies)} times"
        if len(copies) > 1 and not copies[1].flying[0].repeated:
            yield f"{copies[1].text!r} came again without being marked uncertain first"
        if len(copies) > 1 and not died[row]:
            yield f"{copies[1].text!r} came again though no process died with it"
    for row in messages:
        if row.repeated and not died[row.id]:
            yield f"a {row.kind} was marked uncertain though no process died with it"


def of_ends(
    messages: Sequence[Any], arrivals: Sequence[Arrival], died: Counter[int]
) -> Iterator[str]:
    """Sent, and there; or uncertain, where that is the rule. An answer « non » that came between
    two copies of a reminder is why the second did not leave."""
    copies = copies_of(arrivals)
    for row in messages:
        came = copies.get(row.id, [])
        if row.state == "sent" and row.channel_message_id not in {a.message_id for a in came}:
            yield f"a {row.kind} is said to be sent and never came: {row.unique_key}"
        elif row.state == "uncertain" and row.kind == "text":
            if row.repeated or len(came) > 1 or died[row.id] != 1:
                yield f"an educator's words were sent on though uncertain: {row.unique_key}"
        elif row.state == "uncertain":
            if died[row.id] < 2:
                yield f"a {row.kind} was left uncertain and not repeated: {row.unique_key}"
        elif row.kind == "plan" and row.state == "waiting":
            continue  # its day is yet to come
        elif row.state != "sent" and not (row.reason == "said_no" and row.repeated and came):
            yield f"a {row.kind} ended as {row.state}, {row.reason}: {row.unique_key}"


def of_order(arrivals: Sequence[Arrival]) -> Iterator[str]:
    """In a chat: answers by the updates they answer, what was planned by its due time, an
    educator's words as they were written. Copies after the first are left out."""
    lines: dict[tuple[int, str], list[tuple[tuple[Any, ...], str]]] = defaultdict(list)
    for first, *_ in copies_of(arrivals).values():
        [row] = first.flying[:1]
        place: tuple[Any, ...] = (row.due_at, row.id)
        if row.kind in ("screen", "card"):
            place = tuple(map(int, row.unique_key.split(":")[2:]))
        lines[first.chat, row.kind].append((place, first.text))
    for line in lines.values():
        for (before, one), (after, other) in pairwise(line):
            if before > after:
                yield f"{other!r} came after {one!r}"


def of_words(seen: Witness) -> Iterator[str]:
    """By the transcript alone: an educator's words come once, and in the order they were written."""
    heard: dict[int | None, list[int]] = defaultdict(list)
    for call in seen.transcript:
        if call.outcome == "accepted" and (words := WORDS.search(str(call.parameters.get("text")))):
            heard[call.chat_id].append(int(words[1]))
    for chat, numbers in heard.items():
        if numbers != sorted(set(numbers)):
            yield f"the educator's words to {chat} came as {numbers}"


def of_taps(seen: Witness) -> Iterator[str]:
    """A tap is answered once, and once only: what a death kept from being answered stays so."""
    told = Counter(
        call.parameters["callback_query_id"]
        for call in seen.transcript
        if call.method == "answerCallbackQuery"
    )
    for query, times in told.items():
        if times > 1:
            yield f"the tap {query} was answered {times} times"


def of_updates(kept: Kept, made: range) -> Iterator[str]:
    if kept.accepted != list(made):
        lost, more = set(made) - set(kept.accepted), set(kept.accepted) - set(made)
        yield f"of {len(made)} updates {len(lost)} were not accepted, and {len(more)} others were"
    if kept.aside:
        yield f"set aside: {kept.aside}"


def of_answers_due(messages: Sequence[Any], seen: Witness, due: set[str]) -> Iterator[str]:
    """Each update has its answer. A help card leaves no row: one that died twice is not known."""
    came = copies_of(seen.arrivals)
    keys = {row.unique_key for row in messages}
    keys |= {copies[0].flying[0].unique_key for copies in came.values()}
    rows = {row.id for row in messages} | came.keys()
    gone = [row for row, times in seen.died.items() if times > 1 and row not in rows]
    if len(missing := due - keys) > len(gone):
        yield f"never answered: {sorted(missing)}"


def of_deeds(kept: Kept, done: Done) -> Iterator[str]:
    """Each thing that a thumb did is there once, and nothing else is."""
    said = Counter(value for _, _, value in kept.answers.elements() if value.startswith("Mot "))
    yield from _compared("words", Counter(done.words), kept.words + said)
    yield from _compared("answers", done.answers, kept.answers)
    yield from _compared("news of meetings", done.told, kept.inbox)
    yield from _compared("meetings", Counter(done.meetings.items()), Counter(kept.meetings.items()))
    if kept.unfinished:
        yield f"exercises that were brought to their end are not: {kept.unfinished}"


def _compared(what: str, done: Counter[Any], kept: Counter[Any]) -> Iterator[str]:
    if lost := done - kept:
        yield f"{what} lost: {dict(lost)}"
    if more := kept - done:
        yield f"{what} too often: {dict(more)}"
