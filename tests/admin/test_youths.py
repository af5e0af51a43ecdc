"""« Jeunes »: the caseload in words, taking a youth in, text that stays text."""

import httpx
from sqlalchemy import event

from records import inbox, youth
from tests.admin.house import NBSP, House, Visitor, crowd, linked, one, words


async def test_the_caseload_tells_each_state_in_words(busy: House, nadia: Visitor) -> None:
    page = words(await nadia.get("/jeunes"))
    assert "Sami" in page
    assert "À confirmer" in page
    assert "Relié" in page
    assert "Maya" not in page


async def test_a_name_is_found_without_its_accents(nadia: Visitor) -> None:
    for asked in ("ines", "INÈS", " inè "):
        page = words(await nadia.get(f"/jeunes?q={asked}"))
        assert "Inès" in page
        assert "Sami" not in page


async def test_everyone_who_said_no_to_all_has_stopped_everything(
    house: House, nadia: Visitor
) -> None:
    await linked(house.database, house.cast, house.cast.sami, refused=("reminders", "messages"))
    assert "A tout arrêté" in words(await nadia.get("/jeunes"))


async def test_a_youth_is_added_with_a_month_and_a_chosen_name(
    house: House, nadia: Visitor
) -> None:
    await nadia.get("/jeunes/nouveau")
    answer = await nadia.post(
        "/jeunes/nouveau",
        nickname="Zoé 🌻 مريم",
        birth_month="5",
        birth_year="2009",
        school="age",
        language="fr",
        way="worker",
    )
    assert answer.status_code == 303
    page = words(await nadia.get(answer.headers["location"]))
    assert "Zoé 🌻 مريم" in page
    assert "Vous pouvez maintenant inviter ce jeune" in page


async def test_a_name_that_looks_like_a_surname_is_taken_with_a_word_of_warning(
    nadia: Visitor,
) -> None:
    await nadia.get("/jeunes/nouveau")
    answer = await _added(nadia, nickname="Sami BENALI")
    assert answer.status_code == 303
    page = words(await nadia.get(answer.headers["location"]))
    assert "ressemble à un nom de famille" in page


async def test_a_wrong_form_names_each_field_and_keeps_what_was_typed(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    answer = await nadia.post(
        "/jeunes/nouveau",
        nickname="Z" * 50,
        birth_month="5",
        birth_year="1980",
        school="peut-être",
        language="xx",
        way="lui",
    )
    page = words(answer)
    assert answer.status_code == 422
    assert "Z" * 50 in page
    assert 'value="1980"' in page
    assert f"jeunes de 12 à 25{NBSP}ans" in page
    assert "Choisissez une langue" in page
    assert 'aria-invalid="true"' in page


async def test_a_name_that_is_missing_and_one_that_is_too_long_are_told_apart(
    nadia: Visitor,
) -> None:
    await nadia.get("/jeunes/nouveau")
    for name, said, other in (
        (" ", "Il manque un prénom", "trop long"),
        ("\u2066\u2069", "Il manque un prénom", "trop long"),
        ("Z" * 41, "40 caractères au plus", "Il manque"),
    ):
        page = words(await _added(nadia, nickname=name))
        assert said in page
        assert other not in page


async def test_a_birth_month_of_any_length_is_told_beside_its_field(nadia: Visitor) -> None:
    await nadia.get("/jeunes/nouveau")
    for month in ("5" * 5000, "13", "0", "-1", "x"):
        answer = await _added(nadia, birth_month=month)
        assert answer.status_code == 422, month[:9]
        assert "Choisissez le mois" in words(answer)


async def _added(nadia: Visitor, **typed: str) -> httpx.Response:
    right = {
        "nickname": "Zoé",
        "birth_month": "5",
        "birth_year": "2009",
        "school": "age",
        "language": "fr",
    }
    return await nadia.post("/jeunes/nouveau", **right | typed)


async def test_what_people_type_stays_text(house: House, nadia: Visitor) -> None:
    for name in ("<script>alert(1)</script>", "=1+1", '" onload=x', "שלום"):
        async with house.database.write() as tx:
            who = await youth.add(
                tx,
                house.at,
                structure_id=house.cast.structure_id,
                educator_id=house.cast.nadia.id,
                nickname=name,
                birth_month="2008-01",
            )
            await inbox.add(
                tx,
                house.at,
                structure_id=who.structure_id,
                youth_id=who.id,
                kind="words",
                text=name,
            )
        for path in ("/", "/jeunes", one(who), one(who, "/messages"), one(who, "/message")):
            answer = await nadia.get(path)
            assert answer.status_code == 200
            assert "<script>alert" not in answer.text
            assert 'value="" onload' not in answer.text
        assert name in words(await nadia.get("/jeunes"))


async def test_the_number_of_queries_does_not_grow_with_the_caseload(
    house: House, nadia: Visitor
) -> None:
    await nadia.get("/")  # a session is written to once a minute
    await crowd(house.database, house.cast, 3)
    few = [await _statements(house, nadia, path) for path in ("/", "/jeunes")]
    await crowd(house.database, house.cast, 27)
    many = [await _statements(house, nadia, path) for path in ("/", "/jeunes")]
    assert many == few
    assert max(many) < 30


async def _statements(house: House, visitor: Visitor, path: str) -> int:
    count = 0

    def note(*_event: object) -> None:
        nonlocal count
        count += 1

    engine = house.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert (await visitor.get(path)).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return count
