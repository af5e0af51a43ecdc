"""The first story: an educator plans a meeting, a youth answers, the desk knows."""

from records import appointment, inbox, outgoing
from tests.journeys.thumb import wall
from tests.town import Town


async def test_a_reminder_leaves_the_day_before_and_its_answer_comes_back(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.pass_time(days=1, hours=10)
    assert phone.messages[-1].text.startswith(
        "RDV demain, mercredi\u00a025\u00a0novembre à\u00a014"
    )
    phone.tap("J'y serai")
    await town.quiet()
    assert "Ta réponse\u00a0: J'y serai." in phone.messages[-1].text
    async with town.database.read() as tx:
        [planned] = await appointment.listed(tx, youth_id=town.cast.sami.id)
    assert planned.answer == "coming"


async def test_late_reaches_the_educator(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    async with town.database.write() as tx:
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.pass_time(days=1, hours=10)
    phone.tap("En retard")
    await town.quiet()
    async with town.database.read() as tx:
        [item] = await inbox.unseen(tx, [town.cast.sami.id])
    assert item.kind == "meeting_late"


async def test_a_cancelled_meeting_is_never_reminded_of(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    async with town.database.write() as tx:
        planned = await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
        await appointment.cancel(tx, town.now(), planned)
    await town.pass_time(days=3)
    assert phone.messages[-1].text.startswith("RDV annulé")
    assert not any("demain" in m.text for m in phone.messages)
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["dropped"])
    assert [(m.kind, m.reason) for m in dropped] == [("reminder", "meeting_cancelled")]
