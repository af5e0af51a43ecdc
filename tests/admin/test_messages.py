"""Words planned, offered and answered; what is seen, and what is read."""

import re

from records import audit, inbox, outgoing, response
from tests.admin.house import NBSP, House, Visitor, linked, one, words
from tests.cast import NOW


async def test_a_weekly_message_is_previewed_then_planned(busy: House, nadia: Visitor) -> None:
    ines, path = busy.cast.ines, one(busy.cast.ines, "/message")
    fields = {
        "text": "À demain <3 🙂",
        "when": "later",
        "day": "mardi",
        "time": "17 h 30",
        "weekly": "yes",
    }
    await nadia.get(path)
    seen = words(await nadia.post(path, step="preview", **fields))
    assert "puis chaque mardi" in seen
    assert "Nadia t'a écrit" in seen
    assert (await nadia.fill(path, **fields)).status_code == 303
    async with busy.database.read() as tx:
        waiting = await outgoing.waiting(tx, ines.id)
    assert [m.params["text"] for m in waiting if m.kind == "text"] == ["À demain <3 🙂"]
    again = await nadia.fill(path, **fields)
    assert "Il ne partira qu'une fois" in words(again)


async def test_the_preview_of_one_message_too_many_says_when_it_will_really_leave(
    house: House, nadia: Visitor
) -> None:
    await linked(house.database, house.cast, house.cast.ines, "messages")
    path = one(house.cast.ines, "/message")
    for number in range(5):
        fields = {"text": f"Bravo {number}.", "when": "later", "day": "mardi", "time": "17 h"}
        assert (await nadia.fill(path, **fields)).status_code == 303
    await nadia.get(path)
    late = {"text": "Et encore.", "when": "later", "day": "mercredi", "time": "17 h"}
    seen = words(await nadia.post(path, step="preview", **late))
    assert f"Part lundi{NBSP}30{NBSP}novembre à 10{NBSP}h" in seen
    assert "le nombre de messages par semaine est atteint pour ce jeune" in seen


async def test_a_planned_message_with_a_word_that_betrays_is_refused(
    busy: House, nadia: Visitor
) -> None:
    path = one(busy.cast.sami, "/message")
    await nadia.get(path)
    answer = await nadia.post(path, step="preview", text="N'oublie pas le juge", when="now")
    page = words(answer)
    assert answer.status_code == 422
    assert f"«{NBSP}juge{NBSP}» parle de justice." in page
    assert "N'oublie pas le juge</textarea>" in page


async def test_a_planned_message_can_be_taken_back_but_not_a_reminder(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    async with busy.database.read() as tx:
        planned = await outgoing.waiting(tx, sami.id)
    text = next(m for m in planned if m.kind == "text")
    reminder = next(m for m in planned if m.kind == "reminder")
    await nadia.get(one(sami))
    assert (await nadia.post(one(sami, f"/envois/{reminder.id}/annuler"))).status_code == 404
    assert (
        (await nadia.post(one(sami, f"/envois/{text.id}/annuler")))
        .headers["location"]
        .endswith("message_cancelled")
    )
    async with busy.database.read() as tx:
        assert (await outgoing.get(tx, text.id)).reason == "cancelled_by_staff"


async def test_a_survey_is_offered_once_a_quarter(busy: House, nadia: Visitor) -> None:
    path = one(busy.cast.sami, "/proposer")
    fields = {"script": "satisfaction", "when": "now"}
    assert (await nadia.fill(path, **fields)).status_code == 303
    again = await nadia.fill(path, **fields)
    assert again.status_code == 422
    assert "déjà été proposé" in words(again)


async def test_nothing_chosen_to_offer_is_told(busy: House, nadia: Visitor) -> None:
    answer = await nadia.fill(one(busy.cast.sami, "/proposer"), script="enrolment", when="now")
    assert "Choisissez ce que vous proposez" in words(answer)


async def test_words_are_seen_only_once_their_page_was_opened(busy: House, nadia: Visitor) -> None:
    sami = busy.cast.sami
    await nadia.get(one(sami, "/messages"), **{"Sec-Purpose": "prefetch"})
    async with busy.database.read() as tx:
        assert len(await inbox.unseen(tx, [sami.id])) == 1
    page = words(await nadia.get(one(sami, "/messages")))
    assert "avec un pote" in page
    assert "Nouveau" in page
    async with busy.database.read() as tx:
        assert await inbox.unseen(tx, [sami.id]) == []


async def test_words_beyond_the_page_are_seen_only_once_they_are_shown(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    async with busy.database.write() as tx:
        for number in range(60):
            await inbox.add(
                tx,
                busy.at,
                structure_id=busy.cast.structure_id,
                youth_id=sami.id,
                kind="words",
                text=f"mot {number}",
            )
    newest = await nadia.get(one(sami, "/messages"))
    async with busy.database.read() as tx:
        left = await inbox.unseen(tx, [sami.id])
    assert [item.text for item in left[-10:]] == [f"mot {number}" for number in range(10)]
    older = re.search(r"\?avant=\d+", newest.text)
    assert older
    await nadia.get(one(sami, f"/messages{older[0]}"))
    async with busy.database.read() as tx:
        assert await inbox.unseen(tx, [sami.id]) == []


async def test_a_reply_leaves_at_once_and_only_once(busy: House, nadia: Visitor) -> None:
    sami = busy.cast.sami
    await nadia.get(one(sami, "/messages"))
    for _click in range(2):
        answer = await nadia.post(one(sami, "/repondre"), text="Oui, bien sûr.", step="send")
        assert answer.headers["location"].endswith("reply_sent")
    async with busy.database.read() as tx:
        replies = [
            m
            for m in await outgoing.waiting(tx, sami.id)
            if m.params.get("text") == "Oui, bien sûr."
        ]
    assert len(replies) == 1
    assert replies[0].due_at == busy.at


async def test_a_reply_that_betrays_is_warned_then_left_to_the_educator(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    await nadia.get(one(sami, "/messages"))
    warned = await nadia.post(one(sami, "/repondre"), text="Pour ton traitement", step="send")
    assert warned.status_code == 200
    assert "parle de santé" in words(warned)
    other = await nadia.post(
        one(sami, "/repondre"), text="Ton avocat", step="send", warned="Pour ton traitement"
    )
    assert "parle de justice" in words(other)
    sent = await nadia.post(
        one(sami, "/repondre"),
        text="Pour ton traitement",
        step="send",
        warned="Pour ton traitement",
    )
    assert sent.status_code == 303


async def test_an_empty_or_endless_reply_is_told(busy: House, nadia: Visitor) -> None:
    await nadia.get(one(busy.cast.sami, "/messages"))
    for text in ("", "a" * 1001):
        answer = await nadia.post(one(busy.cast.sami, "/repondre"), text=text, step="send")
        assert answer.status_code == 422
        assert "de 1 à 1000 caractères" in words(answer)


async def test_shared_answers_are_read_in_words_and_each_reading_is_logged(
    busy: House, nadia: Visitor
) -> None:
    sami = busy.cast.sami
    page = await nadia.get(one(sami, "/reponses"))
    assert "mieux &lt;b&gt;aujourd" in page.text
    assert "Ma météo du moment" in page.text
    assert '<dd dir="auto">hope' not in page.text
    async with busy.database.read() as tx:
        assert [line.action for line in await audit.about_youth(tx, sami.id)] == ["responses_read"]
    async with busy.database.write() as tx:
        await response.keep_back(tx, NOW, [(sami.id, 5)])
    assert "Rien n'est montré" in words(await nadia.get(one(sami, "/reponses")))
