"""« Bibliothèque »: every script is listed, and each is played as the youth sees it, stored nowhere."""

import html
import re

import pytest
from sqlalchemy import func, select

import content
from content.play import example_facts
from dialogs import engine
from records.conversation import conversation
from records.database import Database
from records.message import message
from records.response import response
from tests.admin.house import House, Visitor
from tests.journeys.thumb import said

ABOUT = content.About(
    "fr", educator="Nadia", reading={str(d): ["09:00", "18:00"] for d in range(1, 6)}
)


def bubble(page: str) -> str:
    [found] = re.findall(r'<div class="bubble"[^>]*>(.*?)</div>', page, re.DOTALL)
    return html.unescape(found)


def keys(page: str) -> dict[str, str]:
    """Each button of the phone: what it says, and what it sends."""
    found = re.findall(r'name="press" value="([^"]+)">([^<]+)</button>', page)
    return {html.unescape(label): value for value, label in found}


class Player:
    """Somebody at the desk who plays one script, without JavaScript."""

    def __init__(self, visitor: Visitor, path: str) -> None:
        self.visitor, self.path, self.page = visitor, path, ""

    async def begin(self, query: str = "") -> "Player":
        return self.saw((await self.visitor.get(self.path + query)).text)

    async def press(self, label: str, words: str = "") -> "Player":
        return await self.send(keys(self.page)[label], words)

    async def send(self, press: str, words: str = "") -> "Player":
        hidden = dict(re.findall(r'name="(played|voice)" value="([^"]*)"', self.page))
        answer = await self.visitor.post(self.path, press=press, words=words, **hidden)
        assert answer.status_code == 200
        return self.saw(answer.text)

    def saw(self, page: str) -> "Player":
        self.page = page
        return self


async def player(house: House, name: str, login: str = "nadia", query: str = "") -> Player:
    return await Player(await house.visitor(login), f"/bibliotheque/{name}").begin(query)


async def rows(database: Database) -> list[int]:
    async with database.read() as tx:
        tables = (conversation, message, response)
        return [await tx.value(select(func.count()).select_from(table)) for table in tables]


async def test_every_script_is_there_with_its_minutes_ages_and_skill(house: House) -> None:
    for login in ("nadia", "claire", "omar"):
        page = html.unescape((await (await house.visitor(login)).get("/bibliotheque")).text)
        for one in content.library().every_version():
            assert f'href="/bibliotheque/{one.name}">{one.title}</a>' in page
            assert one.skill is None or one.skill in page
        assert 'href="/bibliotheque"' in page


@pytest.mark.parametrize("voice", content.library().voices)
@pytest.mark.parametrize("name", ["ma-meteo", "enrolment", "satisfaction"])
async def test_each_screen_is_the_one_that_the_engine_shows(
    house: House, name: str, voice: str
) -> None:
    known = content.library()
    of = known.script(name, language=voice)
    own = voice if voice == "fr" or of != known.script(name) else "fr"
    phrases = content.About(own, educator="Nadia", reading=ABOUT.reading).phrases
    turn = engine.begin(of, phrases, "0", example_facts(known, of, own))
    before = await rows(house.database)
    at = await player(house, name, query=f"?langue={voice}")
    for _ in range(20):
        assert turn.screen is not None
        assert bubble(at.page) == turn.screen.text
        labels = [button.label for row in turn.screen.rows for button in row]
        assert [label for label in keys(at.page) if label != "Envoyer"] == labels
        if turn.outcome == "done":
            break
        ways = [button for row in reversed(turn.screen.rows) for button in row]
        chosen = next(button for button in ways if button.act[3] != "stop")  # « Passer », or on
        _, _, number, button = chosen.act
        turn = engine.step(of, turn.state, engine.Tap(int(number), button), phrases, "0")
        await at.press(chosen.label)
    assert turn.outcome == "done"
    assert await rows(house.database) == before


async def test_ticks_words_a_stop_and_a_resume_work_as_on_a_phone(house: House) -> None:
    at = await player(house, "humeur")
    await at.press("😐 Moyen")
    await at.press("☐ Bouger")
    assert "☑ Bouger" in keys(at.page)
    await at.press(said("script.stop"))
    assert bubble(at.page) == said("script.stopped")
    await at.press(said("script.resume"))
    await at.press("☐ Rire, jouer")
    await at.press(said("script.done"))
    assert ABOUT.phrases.notice in bubble(at.page)
    await at.press("Envoyer", "x" * 400)
    assert html.escape(said("script.too_long", limit=300), quote=False) in at.page.replace(
        "&#39;", "'"
    )
    await at.press("Envoyer", "Avec mes <mots>")
    assert bubble(at.page).startswith("C'est noté.")
    assert not keys(at.page)


async def test_a_countdown_tells_its_lines_and_needs_no_waiting(house: House) -> None:
    at = await player(house, "pause-90-secondes")
    await at.press(said("script.skip"))
    await at.press("Avec mon souffle")
    assert "après 4 s" in at.page
    await at.press(said("script.go"))
    assert "après 4 s" not in at.page


async def test_an_old_page_and_a_double_tap_get_a_word_and_lose_nothing(house: House) -> None:
    at = await player(house, "humeur")
    first = keys(at.page)["😐 Moyen"]
    await at.press("😐 Moyen")
    shown = bubble(at.page)
    await at.send(first)
    assert said("old_button") in at.page
    assert bubble(at.page) == shown


@pytest.mark.parametrize("played", ["", "x", "AAAA", "é", "e30="])
async def test_what_we_did_not_seal_begins_anew(house: House, played: str) -> None:
    at = await player(house, "humeur")
    first = bubble(at.page)
    answer = await at.visitor.post(at.path, press="9:0", words="", played=played, voice="fr")
    assert bubble(answer.text) == first


async def test_a_play_is_its_players_and_its_scripts_alone(house: House) -> None:
    at = await player(house, "humeur")
    await at.press("😐 Moyen")
    [played] = re.findall(r'name="played" value="([^"]*)"', at.page)
    claire = await player(house, "humeur", "claire")
    for who, path in ((claire, "/bibliotheque/humeur"), (at, "/bibliotheque/ma-meteo")):
        begun = bubble((await who.visitor.get(path)).text)
        answer = await who.visitor.post(path, press="", played=played, voice="fr")
        assert bubble(answer.text) == begun


async def test_an_unknown_script_is_not_found(house: House) -> None:
    assert (await (await house.visitor("nadia")).get("/bibliotheque/rien")).status_code == 404


async def test_every_script_opens_in_the_frame(house: House) -> None:
    at = await player(house, "humeur")
    for one in content.library().every_version():
        at.path = f"/bibliotheque/{one.name}"
        english = content.library().script(one.name, language="en")
        assert english.text_of(english.first)[:20] in bubble((await at.begin("?langue=en")).page)
        assert 'lang="en"' in at.page
