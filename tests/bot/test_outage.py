"""A six-hour outage, with Telegram's limits on: what still has meaning leaves first, what has lost
it is told on the desk, and nothing bursts past the limits."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.pace import BOT_BURST
from records import appointment, consent, contact, invitation, message, outgoing, youth
from records.database import Database, Tx
from simulator import faults
from tests.admin.house import House, words
from tests.cast import NOW, Cast
from tests.journeys.thumb import rows_of
from tests.town import Town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PEOPLE = 36
BEGINS = datetime(2026, 11, 25, 8, 0, tzinfo=NOW.tzinfo)  # Wednesday, 9 h in Paris
STALE, USEFUL = datetime(2026, 11, 25, 13, 0), datetime(2026, 11, 25, 16, 30)
_RANKS = {"card": 0, "phrase": 1, "reminder": 2, "text": 3}


@pytest.fixture
async def town(database: Database, cast: Cast) -> AsyncIterator[Town]:
    made = Town(database, cast, limits=True)
    made.at = BEGINS
    async with made.open() as opened:
        yield opened


async def crowd(town: Town) -> list[youth.Youth]:
    """Grown youths of Nadia's, each with a confirmed phone and nothing that waits."""
    made = []
    async with town.database.write() as tx:
        for number in range(PEOPLE):
            who = await youth.add(
                tx,
                town.now(),
                structure_id=town.cast.structure_id,
                educator_id=town.cast.nadia.id,
                nickname=f"Jeune {number}",
                birth_month="2004-01",
            )
            phone = town.telegram.person(who.nickname)
            phone.chat.started = True
            link = await invitation.invite(tx, town.now(), who)
            await contact.accept(
                tx, town.now(), link.token, town.cast.bot_id, "telegram", str(phone.id)
            )
            await contact.confirm(tx, town.now(), who.id)
            for purpose in ("reminders", "messages"):
                await consent.record(
                    tx,
                    town.now(),
                    who,
                    purpose,
                    True,
                    text_version=1,
                )
            made.append(who)
        await tx.run(message.message.delete())
    return made


async def plan(tx: Tx, town: Town, who: youth.Youth, number: int) -> None:
    """A meeting at one hour with its reminder of three hours before; a third gets words, too."""
    meets = STALE if number % 6 == 0 else USEFUL
    await appointment.add(tx, town.now(), who, meets, ladder=["3h"])
    if number % 3 == 0:
        await outgoing.schedule_text(
            tx,
            town.now(),
            structure_id=who.structure_id,
            bot_id=town.cast.bot_id,
            youth_id=who.id,
            text=f"Bon courage {number}",
            wall=datetime(2026, 11, 25, 12, 0),
            zone="Europe/Paris",
            created_by=town.cast.nadia.id,
        )


async def answer(tx: Tx, town: Town, who: youth.Youth, kind: str, priority: int) -> None:
    """What the bot answers to something that came in just before the line was cut."""
    draft = message.Draft(
        who.structure_id,
        town.cast.bot_id,
        who.id,
        kind,
        town.now(),
        town.now() + message.REPLY_LIFE,
        {"say": "write.invite"},
        priority=priority,
    )
    await message.queue(tx, town.now(), [draft])


@pytest.mark.parametrize(
    "fault",
    [faults.reset(), pytest.param(faults.server_error(502), marks=pytest.mark.prove)],
)
async def test_after_six_hours_what_still_helps_leaves_first_and_within_the_limits(
    town: Town, fault: faults.Fault
) -> None:
    people = await crowd(town)
    async with town.database.write() as tx:
        for number, who in enumerate(people):
            await plan(tx, town, who, number)
    town.telegram.faults.always("*", fault)
    async with town.database.write() as tx:
        await answer(tx, town, people[1], "card", message.HELP)
        await answer(tx, town, people[2], "phrase", message.REPLY)
    for _ in range(6):
        town.at += timedelta(hours=1)
        town.deliverer.wake()
        await town.deliverer.until_idle()
    assert not town.telegram.transcript.accepted("sendMessage")
    town.telegram.faults.clear()
    await town.quiet()
    await nothing_past_the_limits(town)
    await everything_once(town)
    await told_on_the_desk(town)


async def nothing_past_the_limits(town: Town) -> None:
    assert {call.code for call in town.telegram.transcript if call.outcome == "refused"} == set()


async def everything_once(town: Town) -> None:
    """Help, then the reply, then reminders, then the rest; stale reminders were dropped."""
    kept = await rows_of(town.database, message.message)
    ends = Counter((row.kind, row.state, row.reason) for row in kept)
    reminders, texts = PEOPLE - PEOPLE // 6, PEOPLE // 3
    sent = town.telegram.transcript.accepted("sendMessage")
    assert ends["reminder", "dropped", "expired"] == PEOPLE // 6
    assert ends["text", "sent", None] == texts
    assert sum(ends["reminder", "sent", why] for why in (None, "repeated")) == reminders
    assert ends["reminder", "sent", "repeated"] <= BOT_BURST, "what was on its way, no more"
    said = [str(call.parameters["text"]) for call in sent]
    assert len(said) == 2 + reminders + texts
    kinds = ["text" if "Bon courage" in t else "reminder" if "RDV" in t else "answer" for t in said]
    assert "text" not in kinds[: 2 + reminders - 30], "the rest comes after, 30 permits apart"
    assert kinds[:4].count("answer") == 2
    assert set(kinds[-texts // 2 :]) == {"text"}


async def told_on_the_desk(town: Town) -> None:
    async with House(town.database, town.cast).open() as house:
        house.at = house.real = town.at
        async with await house.visitor("nadia") as nadia:
            page = words(await nadia.get("/"))
    assert "Ce qui n'est pas parti" in page
    assert page.count("le moment utile était passé") == PEOPLE // 6
