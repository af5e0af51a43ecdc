"""`kill -9` between any two steps of three stories: nothing lost, nothing handled twice.

The program is a real process with real HTTP; after each death another one takes over. What the
phone saw is compared with the database: a message may be seen twice only if its row was marked as
repeated, which only happens to what was uncertain.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from records import appointment, conversation, inbox, outgoing, response, youth
from records.database import Database
from records.message import message
from records.reception import accepted_update, set_aside
from records.vault import Vault
from simulator import faults
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.cast import NOW, TOKEN, Cast
from tests.conftest import KEY
from tests.journeys.crashing import COARSE, FINE
from tests.journeys.lives import Lives, Scene, all_quiet, begun
from tests.journeys.thumb import begin, rows_of, script, wall
from tests.town import Town

TAPPED_AT = datetime(2026, 11, 24, 16, 30, tzinfo=NOW.tzinfo)  # the reminder's hour


@dataclass(frozen=True)
class Story:
    """How it comes to it, what thumbs then do, and what must be found when all is quiet."""

    until_now: Callable[[Town], Awaitable[None]]
    thumbs: Callable[[Telegram, Cast], Coroutine[Any, Any, None]]
    check: Callable[[Database, Telegram, Cast], Awaitable[None]]


async def play(
    story: Story, scene: Scene, lives: Lives, *kills: int, steps: Sequence[str] = COARSE
) -> tuple[bool, bool]:
    """Lives that end at these steps, and one that takes over.

    Whether the last of these steps was reached, and whether anything had to be repeated.
    """
    url = scene.copied()
    telegram = Telegram(lambda: TAPPED_AT, limits=False)
    telegram.load(scene.folder / "telegram.json")
    telegram.bot(TOKEN)
    database = Database(url, Vault(KEY))
    try:
        async with serving(bot_api(telegram)) as api:
            told = asyncio.create_task(story.thumbs(telegram, scene.cast))
            lived = 0
            for nth, kill_at in enumerate((*kills, 0)):
                lived = nth
                await lives.begin(
                    nth,
                    kill_at=kill_at,
                    steps=steps,
                    database=url,
                    api=api,
                    bot_id=scene.cast.bot_id,
                    now=TAPPED_AT.isoformat(),
                )
                if not await _killed(lives, told, database, telegram):
                    break
            assert told.done(), "the story did not come to its end"
            await story.check(database, telegram, scene.cast)
            repeated = await rows_of(database, message, message.c.repeated)
            await telegram.close()
    finally:
        await database.close()
    return lived == len(kills), bool(repeated)


async def _killed(
    lives: Lives, told: "asyncio.Task[None]", database: Database, telegram: Telegram
) -> bool:
    """Whether this life was killed: else it is told to stop once the story is over."""

    async def over() -> None:
        await asyncio.shield(told)
        await all_quiet(database, telegram)

    ended, all_over = asyncio.create_task(lives.ended()), asyncio.create_task(over())
    await asyncio.wait([ended, all_over], timeout=60, return_when=asyncio.FIRST_COMPLETED)
    if all_over.done():
        all_over.result()
    all_over.cancel()
    if not ended.done():
        lives.tell_to_stop()
    return await ended


async def at_every_point(story: Story, scene: Scene, lives: Lives, steps: Sequence[str]) -> int:
    kill_at = 1
    while (await play(story, scene, lives, kill_at, steps=steps))[0]:
        kill_at += 1
    print(f"killed at {kill_at - 1} points")
    return kill_at - 1


async def every_update_accepted_once(database: Database, telegram: Telegram) -> None:
    [bot] = telegram.bots.values()
    accepted = [row.update_id for row in await rows_of(database, accepted_update)]
    assert accepted == list(range(accepted[0], bot.updates.next_id))


async def nothing_lost_or_doubled(database: Database, telegram: Telegram) -> None:
    """Every row sent; what the phone got twice is marked as repeated; no update twice."""
    sent = list(telegram.transcript.accepted("sendMessage"))
    asked_again = message.c.kind == "again"  # at an age to come
    rows = await rows_of(database, message, message.c.due_at >= NOW, ~asked_again)
    assert not await rows_of(database, set_aside)
    assert {row.state for row in rows} == {"sent"}, [
        (row.kind, row.state, row.reason, row.held_by, row.due_at) for row in rows
    ]
    new = [row for row in rows if row.edits is None and row.sent_at >= TAPPED_AT]
    assert len(new) <= len(sent) <= len(new) + sum(row.repeated for row in new)
    await every_update_accepted_once(database, telegram)


# A reminder, answered: a row falls due, is sent, and a tap comes back.


async def planned(town: Town) -> None:
    await town.enrol(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, NOW, town.cast.sami, wall("2026-11-25 14:30"))


async def answers(telegram: Telegram, _cast: Cast) -> None:
    phone = telegram.person("Sami")
    await phone.wait_for(lambda shown: "J'y serai" in shown.labels, timeout=60)
    phone.tap("J'y serai")
    await phone.wait_until(lambda: any("Ta réponse" in m.text for m in phone.messages), timeout=60)


async def answer_is_known(database: Database, telegram: Telegram, cast: Cast) -> None:
    await nothing_lost_or_doubled(database, telegram)
    async with database.read() as tx:
        [meeting] = await appointment.listed(tx, youth_id=cast.sami.id)
    assert meeting.answer == "coming"
    reminders = [m for m in telegram.person("Sami").messages if m.text.startswith("RDV")]
    assert 1 <= len(reminders) <= 2


async def answers_in_a_flood(telegram: Telegram, cast: Cast) -> None:
    telegram.faults.plan("sendMessage", faults.flood(1))
    await answers(telegram, cast)


REMINDER = Story(planned, answers, answer_is_known)
FLOODED = Story(planned, answers_in_a_flood, answer_is_known)

# A step of an exercise: state, answer and next screen in one commit, the screen edited in place.


async def in_an_exercise(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    while "Passer" not in phone.last.labels:
        phone.tap(phone.last.labels[0])
        await town.quiet()


async def takes_a_step(telegram: Telegram, _cast: Cast) -> None:
    phone = telegram.person("Sami")
    before = phone.last.text
    phone.tap(phone.last.labels[1])
    await phone.wait_until(lambda: phone.last.text != before, timeout=60)


async def step_is_kept(database: Database, telegram: Telegram, cast: Cast) -> None:
    await nothing_lost_or_doubled(database, telegram)
    async with database.read() as tx:
        said = await response.of_youth(tx, cast.sami.id)
    assert len({r.variable for r in said}) == len(said) >= 1
    assert [row.status for row in await rows_of(database, conversation.conversation)] == ["open"]


EXERCISE = Story(in_an_exercise, takes_a_step, step_is_kept)

# A busy minute: one batch with several chats in it, two updates that nothing can handle, a
# stranger, a group; and messages of every outcome fall due: words that may not be repeated, one
# that is dropped, one that has to wait.


ADDED_TO_A_GROUP = {
    "chat": {"id": -77, "type": "group", "title": "Un groupe"},
    "new_chat_member": {"status": "member"},
}


async def much_is_planned(town: Town) -> None:
    cast = town.cast
    for who in (cast.sami, cast.ines, cast.maya):
        await town.linked(who)
    await town.agree(cast.maya, "exercises")
    of: dict[str, Any] = {"structure_id": cast.structure_id, "bot_id": cast.bot_id}
    async with town.database.write() as tx:
        await youth.change(tx, cast.ines.id, paused_at=NOW)
        for who, words in ((cast.sami, "On se voit demain"), (cast.ines, "Bon courage")):
            at = wall("2026-11-24 17:30")
            await outgoing.schedule_text(
                tx, NOW, **of, youth_id=who.id, text=words, wall=at, zone="Europe/Paris"
            )
        await outgoing.schedule_offer(
            tx,
            NOW,
            **of,
            youth_id=cast.maya.id,
            script=script().name,
            purpose="exercises",
            due_at=TAPPED_AT,
        )
        await conversation.begin(  # as no version of the program would have left it
            tx,
            TAPPED_AT - timedelta(minutes=1),
            youth_id=cast.maya.id,
            structure_id=cast.structure_id,
            script=script().name,
            version=script().version,
            state={},
        )


async def all_at_once(telegram: Telegram, cast: Cast) -> None:
    """Everything waits already when the first life begins: it comes in one batch."""
    sami, maya = (telegram.person(who.nickname) for who in (cast.sami, cast.maya))
    [bot] = telegram.bots.values()
    sami.say("Bonjour")
    telegram.push(bot, {"message": None})
    maya.say("Euh")
    telegram.person("Quelqu'un").start(bot)
    bot.updates.add("my_chat_member", ADDED_TO_A_GROUP)
    await sami.wait_for("Transmis", timeout=60)


async def each_has_its_outcome(database: Database, telegram: Telegram, cast: Cast) -> None:
    await every_update_accepted_once(database, telegram)
    aside = await rows_of(database, set_aside)
    assert sorted(row.reason for row in aside) == ["KeyError", "a field of another type"]
    async with database.read() as tx:
        assert [item.text for item in await inbox.of_youth(tx, cast.sami.id)] == ["Bonjour"]
    offers = await rows_of(database, message, message.c.kind == "offer")
    assert {(row.state, row.held_by) for row in offers} == {("waiting", "one_thing_at_a_time")}
    for who, words, end in (
        (cast.sami, "demain", ("sent", None)),
        (cast.ines, "courage", ("dropped", "paused")),
    ):
        texts = message.c.kind == "text", message.c.youth_id == who.id
        [row] = await rows_of(database, message, *texts)
        came = sum(words in shown.text for shown in telegram.person(who.nickname).received)
        assert (row.state, row.reason) in (end, ("uncertain", "interrupted"))
        assert came == (row.state == "sent") or (row.state == "uncertain" and who is cast.sami)
        assert came <= 1
    assert len(telegram.person("Quelqu'un").received) <= 1, "answers to strangers are never stored"


BUSY = Story(much_is_planned, all_at_once, each_has_its_outcome)


@pytest.mark.parametrize(
    ("story", "points"),
    [(REMINDER, 14), (EXERCISE, 8), pytest.param(BUSY, 20, marks=pytest.mark.prove)],
    ids=["reminder", "exercise", "busy minute"],
)
@pytest.mark.parametrize(
    "steps",
    [COARSE, pytest.param(FINE, marks=pytest.mark.prove)],
    ids=["commit or call", "statement"],
)
async def test_a_story_survives_a_kill_at_any(
    story: Story,
    points: int,
    steps: Sequence[str],
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    lives: Lives,
) -> None:
    async with begun(kind, request, tmp_path, story.until_now) as scene:
        assert await at_every_point(story, scene, lives, steps) >= points


@pytest.mark.prove  # each of these lives waits for a second
async def test_a_message_put_off_by_a_429_survives_a_kill_at_any_commit_or_call(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    async with begun(kind, request, tmp_path, FLOODED.until_now) as scene:
        assert await at_every_point(FLOODED, scene, lives, COARSE) >= 14


async def test_a_life_that_is_killed_while_it_takes_over_leaves_it_to_the_next(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, lives: Lives
) -> None:
    """The first dies about the time that it sends, the second in what it does first: recover."""
    repeated = 0
    async with begun(kind, request, tmp_path, REMINDER.until_now) as scene:
        for first in (4, 5, 6):
            for second in (1, 2):
                both, again = await play(REMINDER, scene, lives, first, second)
                assert both
                repeated += again
    assert repeated, "the first life never died with a message on its way"
