"""The courier: e-mails that are due leave through the structure's server, once, or say why not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from records import (
    alert,
    appointment,
    cover,
    inbox,
    mail_server,
    mailbox,
    mailing,
    staff,
    standby,
    structure,
    unanswered,
    youth,
)
from records.database import Database
from records.notification import notification
from relais.courier import Courier
from tests.cast import NOW, Cast
from tests.mail_town import PostOffice, post_office, trust

ADDRESS = "nadia@structure.test"


class Round:
    """Nadia is reached by e-mail; a clock that tests set."""

    def __init__(self, database: Database, cast: Cast, office: PostOffice) -> None:
        self.database, self.cast, self.office, self.at = database, cast, office, NOW
        self.questions = 0
        self.courier = self.another()

    def another(self, database: Database | None = None) -> Courier:
        return Courier(
            database or self.database,
            now=lambda: self.at,
            real_now=lambda: self.at,
            desk="https://bureau.test",
            trust=trust(),
        )

    async def open(self, **chosen: Any) -> None:
        async with self.database.write() as tx:
            await mail_server.keep(tx, NOW, self.office.server(self.cast.structure_id))
            token = await mailbox.give(tx, NOW, self.cast.nadia.id, ADDRESS)
            assert token is not None
            await mailbox.prove(tx, NOW, self.cast.nadia.id, token)
            await mailbox.choose(tx, self.cast.nadia.id, **chosen)

    async def reach(self, person: staff.Staff) -> None:
        """A colleague's address, proved."""
        async with self.database.write() as tx:
            token = await mailbox.give(tx, NOW, person.id, f"{person.login}@structure.test")
            assert token is not None
            await mailbox.prove(tx, NOW, person.id, token)

    async def alert(self, who: youth.Youth | None = None) -> None:
        """Somebody must look after Sami, or another youth."""
        self.questions += 1
        async with self.database.write() as tx:
            of = await structure.get(tx, self.cast.structure_id)
            whom = who or self.cast.sami
            await alert.raise_(tx, self.at, whom, of, ["threats"], "yes", self.questions)

    async def words(self, text: str = "Salut") -> int:
        """Sami writes; the item's identifier."""
        async with self.database.write() as tx:
            return await inbox.add(
                tx,
                self.at,
                structure_id=self.cast.structure_id,
                youth_id=self.cast.sami.id,
                kind="words",
                text=text,
            )

    async def see(self, *items: int) -> None:
        async with self.database.write() as tx:
            await inbox.see(tx, self.at, items, self.cast.nadia.id)

    async def pass_time(self, **by: float) -> None:
        self.at += timedelta(**by)
        await self.look()

    async def look(self) -> None:
        await self.courier.look()
        await self.courier.round()

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.database.read() as tx:
            rows = await tx.rows(select(notification).order_by(notification.c.id))
        return [(row.state, row.reason) for row in rows]

    async def server_state(self) -> str:
        async with self.database.read() as tx:
            return (await mail_server.state(tx, self.cast.structure_id))[0]


@pytest.fixture
async def town(database: Database, cast: Cast) -> AsyncIterator[Round]:
    async with post_office("starttls", signs_in=True) as office:
        opened = Round(database, cast, office)
        await opened.open()
        yield opened


async def test_an_alert_is_told_at_once_and_once(town: Round) -> None:
    await town.alert()
    await town.look()
    await town.look()
    assert town.office.recipients == [ADDRESS]
    assert town.office.letters[0]["Subject"] == "Une alerte vous attend sur Relais"
    assert await town.states() == [("sent", None)]


async def test_a_second_cause_waits_until_the_quiet_interval_is_over(town: Round) -> None:
    await town.alert()
    await town.look()
    town.at += timedelta(minutes=1)
    await town.alert()
    await town.alert()
    await town.look()
    assert len(town.office.letters) == 1
    await town.pass_time(minutes=5)
    assert len(town.office.letters) == 2


@pytest.mark.parametrize("by", ["nadia", "karim"])
async def test_an_alert_that_was_taken_up_before_its_hour_is_told_no_more(
    town: Round, by: str
) -> None:
    async with town.database.write() as tx:
        await mailbox.choose(tx, town.cast.nadia.id, alerts="hours")
    town.at = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    await town.alert()
    async with town.database.write() as tx:
        [raised] = await alert.waiting_for(tx, town.at, town.cast.nadia.id, [town.cast.sami.id])
        await alert.take_up(tx, town.at, raised, getattr(town.cast, by).id)
    town.at = datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
    await town.look()
    assert town.office.letters == []


async def test_while_somebody_is_away_their_colleague_is_told_instead_and_both_of_an_alert(
    town: Round,
) -> None:
    cast = town.cast
    await town.reach(cast.karim)
    async with town.database.write() as tx:
        starts, ends = datetime(2026, 11, 23, 11, 0), datetime(2026, 11, 27, 18, 0)
        await cover.add(tx, NOW, cast.nadia, cast.karim, starts, ends)
        today = await appointment.add(tx, NOW, cast.sami, datetime(2026, 11, 23, 17, 0))
        await appointment.answer(tx, NOW, today, "no")
    await town.look()
    assert town.office.recipients == ["karim@structure.test"]
    await town.pass_time(hours=5)
    assert town.office.recipients == ["karim@structure.test"] * 2  # still unread
    await town.alert()
    await town.look()
    assert sorted(town.office.recipients[2:]) == ["karim@structure.test", ADDRESS]


@pytest.mark.parametrize(
    ("said", "letters"), [("no", 1), ("change", 1), ("late", 1), ("coming", 0)]
)
async def test_a_refusal_on_the_very_day_is_told_and_an_answer_before_is_not(
    town: Round, said: str, letters: int
) -> None:
    sami = town.cast.sami
    async with town.database.write() as tx:
        today = await appointment.add(tx, NOW, sami, datetime(2026, 11, 23, 17, 0))
        tomorrow = await appointment.add(tx, NOW, sami, datetime(2026, 11, 24, 17, 0))
        await appointment.answer(tx, NOW, tomorrow, said)
    await town.look()
    assert town.office.letters == []
    async with town.database.write() as tx:
        await appointment.answer(tx, NOW, today, said)
    await town.look()
    assert len(town.office.letters) == letters


async def test_a_refusal_that_was_seen_before_its_hour_is_told_no_more(town: Round) -> None:
    async with town.database.write() as tx:
        await mailbox.choose(tx, town.cast.nadia.id, refusals="hours")
        late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        wall = datetime(2026, 11, 23, 22, 0)
        meeting = await appointment.add(tx, NOW, town.cast.sami, wall)
        await appointment.answer(tx, late, meeting, "no")
        items = [item.id for item in await inbox.unseen(tx, [town.cast.sami.id])]
    town.at = late
    await town.see(*items)
    town.at = datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
    await town.look()
    assert town.office.letters == []
    assert await town.states() == [("dropped", "seen")]


async def test_words_that_nobody_reads_are_told_once_after_the_hours_chosen(town: Round) -> None:
    await town.words()
    await town.pass_time(hours=3, minutes=59)
    assert town.office.letters == []
    await town.pass_time(minutes=2)
    assert [one["Subject"] for one in town.office.letters] == ["Un message vous attend sur Relais"]
    await town.pass_time(hours=1)
    assert len(town.office.letters) == 1
    await town.words()
    await town.pass_time(hours=4, minutes=1)
    assert len(town.office.letters) == 2


async def test_words_that_were_read_in_time_are_not_told(town: Round) -> None:
    item = await town.words()
    await town.pass_time(hours=3)
    await town.see(item)
    await town.pass_time(hours=2)
    assert town.office.letters == []


async def test_a_daily_digest_leaves_at_its_hour_while_something_is_unread(town: Round) -> None:
    async with town.database.write() as tx:
        await mailbox.choose(tx, town.cast.nadia.id, unread="daily", unread_at="08:30")
    town.at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 8 h in Paris; yesterday's hour is past
    await town.look()
    item = await town.words()
    await town.pass_time(minutes=29)
    assert town.office.letters == []
    await town.pass_time(minutes=2)
    assert len(town.office.letters) == 1
    await town.pass_time(hours=2)
    assert len(town.office.letters) == 1
    await town.see(item)
    town.at = datetime(2026, 11, 25, 7, 31, tzinfo=UTC)
    await town.look()
    assert len(town.office.letters) == 1


async def test_nobody_elses_youth_is_told(town: Round) -> None:
    async with town.database.write() as tx:
        await inbox.add(
            tx,
            NOW,
            structure_id=town.cast.structure_id,
            youth_id=town.cast.maya.id,
            kind="words",
            text="Salut",
        )
    await town.pass_time(hours=5)
    assert town.office.letters == []


async def test_a_closed_account_is_told_nothing_more(town: Round) -> None:
    await town.alert()
    async with town.database.write() as tx:
        await staff.disable(tx, NOW, town.cast.nadia.id)
    await town.look()
    assert town.office.letters == []
    assert await town.states() == [("dropped", "account_closed")]


async def test_a_server_that_fails_is_tried_again_and_the_email_leaves(town: Round) -> None:
    town.office.answers["DATA"] = "451 try again"
    await town.alert()
    await town.look()
    assert await town.states() == [("waiting", "busy")]
    assert await town.server_state() == "busy"
    town.office.answers.clear()
    await town.pass_time(minutes=2)
    assert len(town.office.letters) == 1
    assert await town.server_state() == "ok"


async def test_a_refused_account_keeps_the_email_until_the_server_is_mended(town: Round) -> None:
    async with town.database.write() as tx:
        wrong = town.office.server(town.cast.structure_id, password="un-ancien")
        await mail_server.keep(tx, NOW, wrong)
    await town.alert()
    await town.look()
    assert await town.server_state() == "auth"
    async with town.database.write() as tx:
        await mail_server.keep(tx, NOW, town.office.server(town.cast.structure_id))
        await mailing.hasten(tx, town.at, town.cast.structure_id)
    await town.look()
    assert len(town.office.letters) == 1


async def test_an_address_that_is_refused_ends_the_email_and_is_told(town: Round) -> None:
    town.office.refused[ADDRESS] = "550 no such user"
    await town.alert()
    await town.look()
    assert await town.states() == [("refused", "recipient")]
    async with town.database.read() as tx:
        assert await mailing.failing(tx, [town.cast.nadia.id]) == {town.cast.nadia.id: "recipient"}
    town.office.refused.clear()
    town.at += timedelta(minutes=10)
    await town.alert()
    await town.look()
    async with town.database.read() as tx:
        assert await mailing.failing(tx, [town.cast.nadia.id]) == {}


async def test_an_email_that_could_not_leave_in_time_is_dropped_and_told(town: Round) -> None:
    town.office.answers["MAIL"] = "451 try again"
    await town.alert()
    await town.look()
    town.at += timedelta(hours=49)
    await town.look()
    assert await town.states() == [("dropped", "expired")]
    async with town.database.read() as tx:
        assert await mailing.failing(tx, [town.cast.nadia.id]) == {town.cast.nadia.id: "expired"}


async def test_without_a_server_an_email_waits(town: Round) -> None:
    async with town.database.write() as tx:
        await mail_server.forget(tx, town.cast.structure_id)
    await town.alert()
    await town.look()
    assert await town.states() == [("waiting", "no_server")]


async def test_a_lost_reply_is_posted_once_more_under_the_same_number(town: Round) -> None:
    async def hang_up(server: Any) -> None:
        server.transport.close()
        await asyncio.sleep(0)

    town.office.at_data = hang_up
    await town.alert()
    await town.look()
    assert await town.states() == [("waiting", "no_reply")]
    await town.pass_time(minutes=2)
    assert await town.states() == [("uncertain", "no_reply")]
    numbers = [one["Message-ID"] for one in town.office.letters]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    await town.pass_time(minutes=30)
    assert len(town.office.letters) == 2


async def test_what_a_dead_process_had_claimed_is_posted_once_more(town: Round) -> None:
    for _ in range(2):
        await town.alert()
        async with town.database.write() as tx:
            assert len(await mailing.claim(tx, town.at, town.at, 10)) == 1
        town.at += mailing.LEASE + timedelta(seconds=1)
        async with town.database.write() as tx:
            await mailing.recover(tx, town.at)
    assert await town.states() == [("uncertain", "interrupted")]


async def test_two_couriers_never_post_the_same_email(town: Round) -> None:
    await town.reach(town.cast.karim)
    await town.alert(town.cast.maya)
    await town.alert()
    second = Database(town.database.url.render_as_string(hide_password=False), town.database.vault)
    try:
        other = town.another(second)
        await asyncio.gather(town.courier.round(), other.round())
    finally:
        await second.close()
    assert sorted(town.office.recipients) == ["karim@structure.test", ADDRESS]


async def test_the_running_courier_posts_what_is_queued_while_it_sleeps(town: Round) -> None:
    running = asyncio.create_task(town.courier.run())
    await asyncio.sleep(0.1)
    await town.alert()
    town.courier.wake()
    async with asyncio.timeout(10):
        while not town.office.letters:  # noqa: ASYNC110  (watches the server)
            await asyncio.sleep(0.02)
    async with asyncio.timeout(10):
        await town.courier.stop(5)
        await running
    assert await town.states() == [("sent", None)]


async def test_no_email_and_no_line_of_the_log_says_whom_it_is_about(
    town: Round, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="relais")
    await town.words("Je suis à la gare avec Mehdi")
    town.office.refused[ADDRESS] = "550 nadia@structure.test is unknown"
    await town.alert()
    await town.look()
    town.office.refused.clear()
    await town.pass_time(hours=4, minutes=1)
    said = "".join(one.as_string() for one in town.office.letters)
    cast = town.cast
    for secret in (
        cast.sami.nickname,
        cast.sami.code,
        "Mehdi",
        "gare",
        str(cast.sami.id),
        "Structure d'essai",
    ):
        assert secret not in said
    assert town.office.letters
    assert "nadia" not in caplog.text


async def test_the_coordination_is_told_of_an_alert_only_once_nobody_took_it_up(
    town: Round,
) -> None:
    await town.reach(town.cast.claire)
    async with town.database.write() as tx:
        await standby.name(tx, town.cast.structure_id, None, town.cast.karim)
    await town.reach(town.cast.karim)
    await town.alert()
    await town.look()
    assert town.office.recipients == [ADDRESS]
    for _ in range(2):  # each step of the clock: who stands by, then the coordination
        async with town.database.read() as tx:
            due = await unanswered.next_due(tx)
        assert due is not None
        town.at = due
        async with town.database.write() as tx:
            await unanswered.pass_on(tx, town.at)
        await town.look()
    assert town.office.recipients[1:] == ["karim@structure.test", "claire@structure.test"]
