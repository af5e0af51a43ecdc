"""A link works once, for one phone; a lost phone is forgotten at once, and the history is kept."""

from records import appointment, consent, contact, outgoing, structure
from records.youth import youth as youths
from simulator.faults import flood
from tests.journeys.test_the_way_in import opened_link, phones, planned, standing, unlink
from tests.journeys.thumb import everything_kept, rows_of, said, say, tap, texts_sent, wall
from tests.town import Town


async def test_a_second_phone_that_opens_the_same_link_gets_nothing(town: Town) -> None:
    token = await town.invite(town.cast.sami)
    first, second = town.telegram.person("Sami"), town.telegram.person("Inconnu")
    first.start(town.bot, token)
    await town.quiet()
    second.start(town.bot, token)
    await town.quiet()
    assert [m.text for m in second.received] == [said("link.used")]
    assert str(second.id) not in await everything_kept(town.database)


async def test_a_new_link_forgets_an_earlier_phone_that_nobody_confirmed(town: Town) -> None:
    stranger = await town.enrol(town.cast.sami, confirmed=False)
    phone = await opened_link(town, "Vrai Sami")
    assert [c.state for c in await phones(town)] == ["unconfirmed"]
    await say(town, stranger, "Et moi ?")
    assert stranger.last.text == said("stranger")
    while phone.last.buttons:
        await tap(town, phone, phone.last.labels[0])
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), town.cast.sami.id)
    await town.quiet()
    assert "Sami" in phone.last.text
    assert "Sami" not in str(texts_sent(town, stranger))


async def test_unlinking_a_lost_phone_acts_at_once(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    await planned(town)
    [linked] = await phones(town)
    town.telegram.faults.always("sendMessage", flood(1))
    phone.say("Je suis là ?")
    await town.until(lambda: town.telegram.transcript[-1].fault == "answer")  # the answer waits
    await unlink(town, linked)
    town.telegram.faults.clear()
    count = len(texts_sent(town, phone))
    await town.pass_time(days=3)
    assert len(texts_sent(town, phone)) == count
    async with town.database.read() as tx:
        dropped = await outgoing.listed(tx, youth_id=town.cast.sami.id, states=["dropped"])
    assert [m.reason for m in dropped] == ["no_phone"]
    kept = await rows_of(town.database, contact.contact)
    assert [(c.state, c.address, c.address_index) for c in kept] == [("unlinked", None, None)]
    assert (await say(town, phone, "Bonjour")).text == said("stranger")


async def test_a_new_link_keeps_the_history_and_asks_the_consents_again(town: Town) -> None:
    sami = town.cast.sami
    await town.enrol(sami)
    meeting = await planned(town)
    await unlink(town, (await phones(town))[0])
    phone = await opened_link(town, "Le nouveau téléphone")
    while phone.last.buttons:
        await tap(town, phone, phone.last.labels[-1])
    async with town.database.write() as tx:
        await contact.confirm(tx, town.now(), sami.id)
    assert await standing(town) == {"reminders": False, "messages": False}
    async with town.database.read() as tx:
        assert [a.id for a in await appointment.listed(tx, youth_id=sami.id)] == [meeting.id]
        assert len(await consent.history(tx, sami.id)) == 4
    await say(town, phone, "/rdv")
    assert phone.last.labels[0].startswith("RDV")


async def test_a_link_that_a_newer_one_replaced_gets_a_kind_sentence(town: Town) -> None:
    phone = await town.enrol(town.cast.sami)
    token = await town.invite(town.cast.ines)
    await town.enrol(town.cast.ines)
    other = town.telegram.person("Inconnu")
    other.start(town.bot, token)
    await town.quiet()
    assert other.last.text == said("link.unknown"), "a newer link took its place"
    phone.start(town.bot, "x" * 32)
    await town.quiet()
    assert phone.last.text == said("link.phone_already_linked")


async def test_an_expired_link_gets_a_kind_sentence(town: Town) -> None:
    token = await town.invite(town.cast.sami)
    await town.pass_time(days=8)
    phone = town.telegram.person("Sami")
    phone.start(town.bot, token)
    await town.quiet()
    assert [m.text for m in phone.received] == [said("link.expired")]
    assert str(phone.id) not in await everything_kept(town.database)


async def test_an_unknown_link_gets_a_kind_sentence(town: Town) -> None:
    phone = town.telegram.person("Inconnu")
    phone.start(town.bot, "n-importe_quoi")
    await town.quiet()
    assert [m.text for m in phone.received] == [said("link.unknown")]


async def test_a_link_of_somebody_closed_meanwhile_leads_nowhere(town: Town) -> None:
    token = await town.invite(town.cast.sami)
    async with town.database.write() as tx:
        await tx.run(
            youths.update().where(youths.c.id == town.cast.sami.id), {"closed_at": town.now()}
        )
    phone = town.telegram.person("Sami")
    phone.start(town.bot, token)
    await town.quiet()
    assert [m.text for m in phone.received] == [said("link.unknown")]


async def test_a_link_is_not_opened_by_whoever_is_too_young_meanwhile(town: Town) -> None:
    """The structure raised its age after the link was given; the phone leaves no trace."""
    token = await town.invite(town.cast.sami)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, telegram_minimum_age=18)
    phone = town.telegram.person("Sami")
    phone.start(town.bot, token)
    await town.quiet()
    assert [m.text for m in phone.received] == [said("link.too_young")]
    assert str(phone.id) not in await everything_kept(town.database)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, telegram_minimum_age=16)
    phone.start(town.bot, token)
    await town.quiet()
    assert phone.last.labels, "only success uses it up"


async def test_raising_the_age_unlinks_nobody(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    async with town.database.write() as tx:
        await structure.change(tx, town.cast.structure_id, telegram_minimum_age=18)
        await appointment.add(tx, town.now(), town.cast.sami, wall("2026-11-25 14:30"))
    await town.pass_time(days=2)
    assert any(m.text.startswith("RDV") for m in phone.received)
