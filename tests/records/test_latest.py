"""What a youth last answered, by script and variable; and where a script under way stands."""

from dataclasses import replace
from datetime import timedelta

from records import contact, conversation, on_screen, response
from records.database import Database
from records.response import Saved
from tests.cast import NOW, Cast, link_phone


async def test_the_last_of_each_and_nobody_elses(database: Database, cast: Cast) -> None:
    def said(value: str, variable: str = "mood", script: str = "souffler", who: int = 0) -> Saved:
        return Saved(cast.structure_id, who or cast.sami.id, 7, script, 1, variable, value)

    async with database.write() as tx:
        for one in (
            said("bad"),
            replace(said("good"), version=2),
            said("sun", "sky"),
            said("rain", "mood", "autre"),
            said("bad", who=cast.ines.id),
        ):
            await response.keep(tx, NOW, [one])
        found = await response.latest(
            tx, cast.sami.id, {("souffler", "mood"), ("souffler", "why"), ("autre", "mood")}
        )
    assert {key: (one.value, one.version) for key, one in found.items()} == {
        ("souffler", "mood"): ("good", 2),
        ("autre", "mood"): ("rain", 1),
    }


async def test_a_place_is_left_by_whatever_ends_it(database: Database, cast: Cast) -> None:
    sami, later = cast.sami, NOW + timedelta(minutes=1)
    async with database.write() as tx:
        await link_phone(tx, NOW, cast, sami, "1")
        [phone] = await contact.of_youth(tx, sami.id)
        talk = await conversation.begin(
            tx,
            NOW,
            youth_id=sami.id,
            structure_id=sami.structure_id,
            script="souffler",
            version=1,
            state={"step": "breathe", "turn": 2, "answers": {}, "ticked": []},
        )
        assert await on_screen.place(tx, talk.id, phone.id) == on_screen.Place(2, NOW)
        assert await on_screen.place(tx, talk.id, None) is None
        assert await on_screen.place(tx, talk.id + 1, phone.id) is None
        await conversation.put_away(tx, later, sami.id)
        assert await on_screen.place(tx, talk.id, phone.id) is None
        await conversation.take_up(tx, later, talk)
        assert await on_screen.place(tx, talk.id, phone.id) == on_screen.Place(2, later)
        await contact.unlink(tx, later, phone)
        assert await on_screen.place(tx, talk.id, phone.id) is None
