"""An attacker with the whole database in hand, its key included, who wants to know who answered what.

A world is one wave: youths are proposed the survey in different weeks, begin it, answer it step by
step as the bot does, and are seen again or not; the half hours' shuffles come in between. The
attacker sees every row of every table, opened; the order in which the tables lie; transaction
identifiers; and the raw bytes of the files. Only what a youth said in so many words, by which the
test knows the truth, they may not use.

Each strategy orders answers by one trace and youths by another, and pairs them off. Their score is
the number of right pairs: by chance one a wave, whatever its size.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from records import conversation, message, survey, youth
from records.columns import new_id
from records.database import Database, Tx
from records.outgoing import survey_key
from tests.cast import NOW, Cast

INSTRUMENT = "satisfaction"
WAVES = [f"20{year}-T{quarter}" for year in range(26, 36) for quarter in range(1, 5)]


@dataclass(slots=True)
class World:
    """What the test knows: by wave, who answered under which secret; and the sealed states that lay
    in the database while they were being given."""

    said: dict[str, dict[str, int]] = field(default_factory=dict)  # wave: secret → youth
    states: dict[int, list[bytes]] = field(default_factory=dict)  # youth → sealed states


async def live(
    database: Database, cast: Cast, waves: int, size: int, shuffle: Callable[[Database], Any]
) -> World:
    """`shuffle` comes after every third answer, and at the end of each wave."""
    world, dice = World(), random.Random(7)
    people = [await _taken_in(database, cast, number) for number in range(size)]
    for wave in WAVES[:waves]:
        world.said[wave] = {}
        dice.shuffle(people)
        for place, who in enumerate(people):
            at = NOW + timedelta(weeks=len(world.said) * 13, days=3 * place)
            secret = f"secret-{wave}-{place}"
            world.said[wave][secret] = who
            sealed = await _answers(database, cast, at, who, wave, secret)
            world.states.setdefault(who, []).extend(sealed)
            if place % 3 == 2:
                await shuffle(database)
        await shuffle(database)
    return world


async def _taken_in(database: Database, cast: Cast, number: int) -> int:
    async with database.write() as tx:
        one = await youth.add(
            tx,
            NOW,
            structure_id=cast.structure_id,
            educator_id=cast.nadia.id,
            nickname=f"Jeune {number}",
            birth_month="2008-01",
        )
    return one.id


async def _answers(
    database: Database, cast: Cast, at: datetime, who: int, wave: str, secret: str
) -> list[bytes]:
    """Proposed, begun, two steps, handed in: each its own commit, as the bot makes them."""
    async with database.write() as tx:
        await _proposed(tx, cast, at, who, wave)
        talk = await conversation.begin(
            tx,
            at,
            youth_id=who,
            structure_id=cast.structure_id,
            script=INSTRUMENT,
            version=1,
            state={"answers": {}},
            anonymous=True,
            wave=wave,
        )
    answers = {"useful": "yes", "easy": "no", "comment": secret}
    sealed = []
    for count in (2, 3):
        state = {"answers": dict(list(answers.items())[:count])}
        async with database.write() as tx:
            await conversation.save(tx, at, [(talk.id, state, "open")])
        async with database.read() as tx:
            kept = sa.select(conversation.conversation.c.state)
            sealed.append(bytes(await tx.value(kept.where(_of(talk.id)))))
    year, week, _ = at.isocalendar()
    async with database.write() as tx:
        assert await survey.hand_in(
            tx,
            structure_id=cast.structure_id,
            youth_id=who,
            instrument=INSTRUMENT,
            version=1,
            wave=wave,
            week=f"{year}-W{week:02}",
            answers=answers,
        )
        await conversation.forget(tx, talk.id)
        await youth.mark_seen(tx, at, {who})
    return sealed


def _of(talk: int) -> sa.ColumnElement[bool]:
    return conversation.conversation.c.id == talk


async def _proposed(tx: Tx, cast: Cast, at: datetime, who: int, wave: str) -> None:
    draft = message.Draft(
        cast.structure_id,
        cast.bot_id,
        who,
        "offer",
        at,
        at,
        {"script": INSTRUMENT, "wave": wave},
        key=survey_key(INSTRUMENT, wave, who),
        purpose="surveys",
    )
    [row] = await message.queue(tx, at, [draft])
    left = message.message.update().where(message.message.c.id == row)
    await tx.run(left, {"state": "sent", "sent_at": at})


# What is seen -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One wave as the attacker finds it. Traces are by respondent, or by youth."""

    answers: dict[str, dict[int, Any]]  # trace: respondent → value
    youths: dict[str, dict[int, Any]]  # trace: youth → value
    truth: dict[int, int]  # respondent → youth; not theirs to look at


async def look(database: Database, world: World, raw: bytes) -> list[Seen]:
    """Every wave of a world. A trace that nothing tells is the same for all."""
    async with database.read() as tx:
        answers = await _lying(tx, survey.survey_answer)
        completions = await _lying(tx, survey.survey_completion)
        seen_at = {
            row.id: row.last_seen_at
            for row in await tx.rows(sa.select(youth.youth.c.id, youth.youth.c.last_seen_at))
        }
        sent = {
            row.unique_key: row.sent_at
            for row in await tx.rows(
                sa.select(message.message.c.unique_key, message.message.c.sent_at)
            )
        }
        people = {bytes(person): who for who in seen_at for person in survey.persons_of(tx, who)}
        found = []
        for wave in world.said:
            theirs = [(place, xmin, row) for place, (xmin, row) in answers if row.wave == wave]
            done = [
                (place, xmin, row, people[bytes(row.person)])
                for place, (xmin, row) in completions
                if row.wave == wave
            ]
            found.append(_seen(tx, world, wave, theirs, done, seen_at, sent, raw))
    return found


async def _lying(tx: Tx, table: sa.Table) -> list[tuple[int, tuple[int, Any]]]:
    """The rows of a table as they lie, with their transaction where there is one."""
    hidden = "xmin::text::bigint" if tx.dialect == "postgresql" else "rowid"
    place = "ctid" if tx.dialect == "postgresql" else "rowid"
    query = sa.select(sa.literal_column(hidden).label("xmin_"), table).order_by(
        sa.literal_column(place)
    )
    rows = await tx.rows(query)
    same = tx.dialect == "sqlite"
    return list(enumerate((0 if same else row.xmin_, row) for row in rows))


def _seen(
    tx: Tx,
    world: World,
    wave: str,
    answers: Sequence[tuple[int, int, Any]],
    done: Sequence[tuple[int, int, Any, int]],
    seen_at: dict[int, Any],
    sent: dict[str, Any],
    raw: bytes,
) -> Seen:
    by: dict[str, dict[int, Any]] = {
        name: {}
        for name in ("id", "place", "transaction", "week", "respondent", "bytes", "visible")
    }
    truth = {}
    for place, transaction, row in answers:
        said = tx.vault.open("survey_answer.value", row.id, row.value)
        if row.item == "comment":
            truth[row.respondent] = world.said[wave][said]
        values = (row.id, place, transaction, row.week, row.respondent)
        for name, value in zip(by, (*values, raw.find(bytes(row.value)), row.visible), strict=True):
            by[name].setdefault(row.respondent, value)
    of: dict[str, dict[int, Any]] = {
        name: {} for name in ("id", "place", "transaction", "bytes", "seen", "proposed", "youth")
    }
    for place, transaction, row, who in done:
        key = survey_key(INSTRUMENT, wave, who)
        at = raw.find(bytes(row.person))
        about = (row.id, place, transaction, at, seen_at[who], sent[key], who)
        for name, value in zip(of, about, strict=True):
            of[name][who] = value
    return Seen(by, of, truth)


# What is tried ----------------------------------------------------------------------------------


def strategies(seen: Seen) -> list[tuple[str, str]]:
    return [(answer, of) for answer in seen.answers for of in seen.youths]


def score(worlds: Sequence[Seen], answer: str, of: str) -> int:
    """How many of all are paired rightly, the better of both directions. What looks the same is
    taken in an order of its own, by lot."""
    dice = random.Random(f"{answer}{of}")
    totals = [0, 0]
    for seen in worlds:
        respondents = _in_order(seen.answers[answer], dice)
        people = _in_order(seen.youths[of], dice)
        for way, ordered in enumerate((people, people[::-1])):
            pairs = zip(respondents, ordered, strict=True)
            totals[way] += sum(seen.truth[left] == right for left, right in pairs)
    return max(totals)


def _in_order(trace: dict[int, Any], dice: random.Random) -> list[int]:
    found = sorted(trace)
    dice.shuffle(found)
    return sorted(found, key=lambda one: trace[one])


def residues(world: World, raw: bytes) -> int:
    """How many youths' half-answered states still lie in the files: each names its youth beside it."""
    return sum(any(state in raw for state in states) for states in world.states.values())


# Leaks that are planted, so that each strategy can be seen to succeed -----------------------------


async def no_shuffle(_database: Database) -> None:
    """Rows stay as they were handed in."""


async def no_wiping(database: Database) -> None:
    """The rows are rewritten, and what they leave behind stays."""
    async with database.write() as tx:
        for table in (survey.survey_answer, survey.survey_completion):
            rows = [dict(row._mapping) for row in await tx.rows(sa.delete(table).returning(table))]
            await tx.run(table.insert(), rows)


async def plant(database: Database, worlds: Sequence[Seen], answer: str, of: str) -> None:
    """Let one trace of the answers follow one of the youths: numbered, laid down, dated by it."""
    for seen in worlds:
        theirs = {who: respondent for respondent, who in seen.truth.items()}
        for rank, who in enumerate(sorted(seen.youths[of], key=lambda one: seen.youths[of][one])):
            async with database.write() as tx:
                await _marked(tx, theirs[who], answer, rank)


async def _marked(tx: Tx, respondent: int, trace: str, rank: int) -> None:
    table = survey.survey_answer
    for row in await tx.rows(sa.select(table).where(table.c.respondent == respondent)):
        values: dict[str, Any] = {}
        if trace in ("id", "place"):
            values["id"] = new_id()
            said = tx.vault.open("survey_answer.value", row.id, row.value)
            values["value"] = tx.vault.seal("survey_answer.value", values["id"], said)
        elif trace == "week":
            values["week"] = f"2026-W{rank + 10}"
        else:
            values["respondent"] = rank
        await tx.run(table.update().where(table.c.id == row.id), values)
