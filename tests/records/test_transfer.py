"""Transfers: everything of a youth goes with them in one commit, and nothing is left behind."""

from datetime import timedelta

import pytest

from records import appointment, outgoing, response, sight, staff, structure, transfer, youth
from records.database import Database, Tx
from records.errors import NotFound, Refused
from records.youth import Youth
from tests.cast import NOW, Cast, hashed, link_phone

DAY = timedelta(days=1)
WALL = NOW.replace(tzinfo=None) + timedelta(hours=1)


async def state(tx: Tx, cast: Cast, who: Youth, login: str = "nadia") -> str:
    reader = await staff.by_login(tx, login)
    return (await sight.state_of(tx, NOW, reader, await youth.get(tx, who.id)))[0]


async def test_meetings_to_come_go_along_and_those_that_were_stay(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        past = await appointment.add(tx, NOW - 3 * DAY, cast.sami, WALL - DAY)
        coming = await appointment.add(tx, NOW - 3 * DAY, cast.sami, WALL + DAY)
        await transfer.one(tx, NOW, cast.sami, cast.karim, by=cast.claire.id)
        assert (await appointment.get(tx, past.id)).educator_id == cast.nadia.id
        assert (await appointment.get(tx, coming.id)).educator_id == cast.karim.id
        [went] = await transfer.of_youth(tx, cast.sami.id)
        assert (went.from_id, went.to_id) == (cast.nadia.id, cast.karim.id)
        assert (went.created_by, went.at) == (cast.claire.id, NOW)


async def test_the_former_educator_sees_nothing_from_the_same_commit_on(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await transfer.one(tx, NOW, cast.sami, cast.karim)
        assert await state(tx, cast, cast.sami) == "transferred"
        assert await state(tx, cast, cast.sami, "karim") == "own"
        gone = await youth.get(tx, cast.sami.id)
        for page in ("youth.show", "answers.show", "conversation.show"):
            with pytest.raises(NotFound):
                await sight.of(tx, NOW, cast.nadia, page, gone)
        with pytest.raises(NotFound):
            await response.read_by(tx, NOW, cast.nadia, gone)
        await transfer.one(tx, NOW, gone, cast.nadia)  # and back again
        assert await state(tx, cast, cast.sami) == "own"
        assert await state(tx, cast, cast.sami, "karim") == "transferred"


async def test_a_whole_caseload_goes_and_what_is_closed_stays(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await youth.change(tx, cast.leo.id, closed_at=NOW)
        for who, address in ((cast.sami, "5001"), (cast.ines, "5002")):
            await link_phone(tx, NOW, cast, who, address)
        went = await transfer.all_of(tx, NOW, cast.nadia, cast.karim)
        assert {who.id for who in went} == {cast.sami.id, cast.ines.id}
        assert await youth.followed(tx, cast.structure_id) == {cast.karim.id: 3}
        assert (await youth.get(tx, cast.leo.id)).educator_id == cast.nadia.id
        assert await sight.caseload(tx, NOW, cast.nadia) == []
        assert await transfer.all_of(tx, NOW, cast.nadia, cast.karim) == []
        for who in went:
            [told] = await outgoing.waiting(tx, who.id)
            assert (told.kind, told.purpose) == ("notice", "messages")
        assert await outgoing.waiting(tx, cast.maya.id) == []


async def test_a_transfer_that_makes_no_sense_is_refused_and_changes_nothing(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        away = await structure.add(tx, NOW, "Ailleurs", "cjc")
        people = {}
        for login, place in (("ana", away), ("zoe", cast.structure_id)):
            people[login] = await staff.add(
                tx,
                NOW,
                structure_id=place,
                login=login,
                name=login,
                role="educator",
                password=hashed(),
            )
        await staff.disable(tx, NOW, people["zoe"].id)
        for to, code in (
            (cast.nadia, "transfer_same"),
            (people["ana"], "colleague_elsewhere"),
            (await staff.get(tx, people["zoe"].id), "staff_disabled"),
            (cast.claire, "not_an_educator"),
        ):
            for hand_over in (
                transfer.one(tx, NOW, cast.sami, to),
                transfer.all_of(tx, NOW, cast.nadia, to),
            ):
                with pytest.raises(Refused, match=code):
                    await hand_over
        await youth.change(tx, cast.leo.id, closed_at=NOW)
        with pytest.raises(Refused, match="youth_closed"):
            await transfer.one(tx, NOW, cast.leo, cast.karim)
        assert await youth.followed(tx, cast.structure_id) == {cast.nadia.id: 2, cast.karim.id: 1}
        assert await transfer.of_youth(tx, cast.sami.id) == []
