"""« Choisir »: answer by answer, at the end of a script and later; the desk shows exactly that."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records import carnet, consent, inbox, response
from records.database import Database
from records.response import Saved
from simulator.persons import Person
from tests.admin.house import House, one, words
from tests.cast import NOW, Cast
from tests.journeys.test_sharing import finished, read
from tests.journeys.thumb import begin, press, said, say, script, tap
from tests.town import Town


async def choosing(town: Town) -> Person:
    phone = await finished(town)
    await tap(town, phone, said("share.choose"))
    assert phone.last.text == f"{said('share.ask')}\n\n{said('share.choose_ask')}"
    return phone


def boxes(phone: Person) -> list[str]:
    return [label for label in phone.last.labels if label.startswith(("☐", "☑"))]


async def test_what_is_ticked_is_shown_and_nothing_else(town: Town) -> None:
    phone = await choosing(town)
    total = len(boxes(phone))
    assert total >= 3
    assert phone.last.protected
    assert all(len(label) <= 66 for label in boxes(phone))
    await tap(town, phone, boxes(phone)[0], boxes(phone)[2])
    assert await read(town, town.cast.nadia) == [], "ticks alone show nothing"
    await tap(town, phone, said("share.choose_done"))
    assert said("share.some", shown=2, answers=total) in phone.last.text
    async with town.database.read() as tx:
        every = (await response.of_youth(tx, town.cast.sami.id))[::-1]
        assert [item.kind for item in await inbox.unseen(tx, [town.cast.sami.id])] == ["shared"]
    assert {one.id for one in await read(town, town.cast.nadia)} == {every[0].id, every[2].id}


async def test_it_is_changed_later_and_the_desk_follows_at_once(town: Town) -> None:
    phone = await choosing(town)
    await tap(town, phone, boxes(phone)[0], said("share.choose_done"))
    async with (
        House(town.database, town.cast).open() as house,
        await house.visitor("nadia") as desk,
    ):
        page = one(town.cast.sami, "/reponses")
        assert (await desk.get(page)).text.count("<dt") == 1
        await tap(town, phone, said("share.choose"))
        await tap(town, phone, boxes(phone)[1], said("share.choose_done"))
        assert (await desk.get(page)).text.count("<dt") == 2
        await tap(town, phone, said("share.no"))
        assert phone.last.text.startswith(said("share.kept"))
        assert script().title not in words(await desk.get(page))


async def test_leaving_it_there_shows_nothing_and_it_is_not_asked_twice(town: Town) -> None:
    phone = await choosing(town)
    await tap(town, phone, boxes(phone)[0])
    before = len([b for b in phone.received if b.text == said("share.ask")])
    await say(town, phone, "/rdv")
    await town.pass_time(days=3)
    assert await read(town, town.cast.nadia) == []
    assert len([b for b in phone.received if b.text == said("share.ask")]) == before
    async with town.database.read() as tx:
        assert "sharing" not in await consent.of(tx, town.cast.sami.id)


async def test_no_tick_is_the_same_as_keeping_it(town: Town) -> None:
    phone = await choosing(town)
    await tap(town, phone, said("share.choose_done"))
    assert phone.last.text == said("share.kept")
    assert await read(town, town.cast.nadia) == []


async def test_quick_and_double_taps_count_once_each(town: Town) -> None:
    """Two boxes of the same screen, tapped before it was drawn again: both are ticked."""
    phone = await choosing(town)
    shown, labels = phone.last, boxes(phone)
    for label in (labels[0], labels[0], labels[1]):
        phone.tap(label, shown)
    await town.quiet()
    assert [label[0] for label in boxes(phone)][:3] == ["☑", "☑", "☐"]
    done = phone.last
    for _ in range(2):
        phone.tap(said("share.choose_done"), done)
    await town.quiet()
    assert len(await read(town, town.cast.nadia)) == 2
    async with town.database.read() as tx:
        assert len(await inbox.unseen(tx, [town.cast.sami.id])) == 1


async def test_one_answer_alone_needs_no_list(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await begin(town, phone, script())
    await tap(town, phone, phone.last.labels[0])
    while said("script.skip") in phone.last.labels:
        await tap(town, phone, said("script.skip"))
    assert phone.last.text == said("share.ask")
    assert said("share.choose") not in phone.last.labels


async def test_the_list_is_in_english_too(town: Town) -> None:
    phone = await town.linked(town.cast.sami)
    await town.agree(town.cast.sami, "exercises")
    await say(town, phone, "/moi")
    await tap(town, phone, said("me.language"))
    await say(town, phone, "/exercice")
    await tap(town, phone, phone.last.labels[0])
    while phone.last.labels and said("share.choose", "en") not in phone.last.labels:
        if said("script.done", "en") in phone.last.labels:
            await tap(town, phone, phone.last.labels[0], said("script.done", "en"))
        elif said("script.skip", "en") == phone.last.labels[0]:
            await say(town, phone, "It's alright.")
        else:
            await tap(town, phone, phone.last.labels[0])
    await tap(town, phone, said("share.choose", "en"))
    assert said("share.choose_ask", "en") in phone.last.text
    assert said("share.choose_done", "en") in phone.last.labels


async def test_a_tick_cannot_be_made_up_for_another_page(town: Town) -> None:
    phone = await finished(town)
    async with town.database.read() as tx:
        first = (await response.of_youth(tx, town.cast.sami.id))[0]
    await tap(town, phone, said("share.no"))
    await begin(town, phone, script())
    await tap(town, phone, phone.last.labels[0])
    while said("script.skip") in phone.last.labels:
        await tap(town, phone, said("script.skip"))
    async with town.database.read() as tx:
        newest = (await response.of_youth(tx, town.cast.sami.id))[0]
    await press(town, phone, "choose", str(newest.conversation_id), "on", str(first.id))
    await tap(town, phone, said("share.choose_done"))
    assert await read(town, town.cast.nadia) == []


Change = tuple[str, int, frozenset[int]]
CHANGES = st.tuples(
    st.sampled_from(
        ["share", "keep", "choose", "show", "hide", "erase", "erase_page", "no", "yes"]
    ),
    st.integers(0, 5),
    st.frozensets(st.integers(0, 5)),
)
OCCASIONS = count(1)


async def holds(database: Database, cast: Cast, changes: Sequence[Change]) -> None:
    """Two exercises of three answers, the last of each for the youth alone."""
    sami, occasions = cast.sami, (next(OCCASIONS), next(OCCASIONS))
    shown: set[int] = set()
    consents = True
    async with database.write() as tx:
        for which in occasions:
            await response.keep(
                tx,
                NOW,
                [
                    Saved(cast.structure_id, sami.id, which, "s", 1, f"v{n}", f"{n}", n == 2)
                    for n in range(3)
                ],
            )
        rows = [a for which in occasions for a in await carnet.answers(tx, sami.id, which)]
        left = {one.id for one in rows}
        never = {one.id for one in rows if one.variable == "v2"}
        of = {
            which: {one.id for one in rows if one.conversation_id == which} for which in occasions
        }
        await consent.record(tx, NOW, sami, "sharing", True, text_version=1)
        for what, place, places in changes:
            one, which = rows[place], rows[place].conversation_id
            if what == "share":
                await response.share(tx, NOW, sami.id, which)
                shown |= of[which]
            elif what == "keep":
                await response.keep_back(tx, NOW, [(sami.id, which)])
                shown -= of[which]
            elif what == "choose":
                chosen = {rows[p].id for p in places}
                await carnet.show_only(tx, NOW, sami.id, which, chosen)
                shown = (shown - of[which]) | (chosen & of[which])
            elif what in ("show", "hide"):
                opens = what == "show"
                await response.show_one(tx, NOW, sami.id, one.id, to_educator=opens)
                shown = shown | {one.id} if opens else shown - {one.id}
            elif what == "erase":
                await response.erase_one(tx, NOW, sami.id, one.id)
                left -= {one.id}
            elif what == "erase_page":
                await carnet.erase_occasion(tx, NOW, sami.id, which)
                left -= of[which]
            else:
                consents = what == "yes"
                await consent.record(tx, NOW, sami, "sharing", consents, text_version=1)
            shown = (shown & left) - never
            seen = {a.id for a in await response.read_by(tx, NOW, cast.nadia, sami)}
            assert seen == (shown if consents else set()), (what, place, places)
            waits = {item.kind for item in await inbox.unseen(tx, [sami.id])}
            assert shown or "shared" not in waits, "nobody is told of what is not shown"
        await carnet.erase_all(tx, NOW, sami.id)
        assert await response.of_youth(tx, sami.id) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, max_size=8))
async def test_the_desk_sees_what_an_oracle_sees(
    database: Database, cast: Cast, changes: list[Change]
) -> None:
    await holds(database, cast, changes)


@pytest.mark.prove
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, max_size=20))
async def test_the_desk_sees_what_an_oracle_sees_in_long_lives(
    database: Database, cast: Cast, changes: list[Change]
) -> None:
    await holds(database, cast, changes)
