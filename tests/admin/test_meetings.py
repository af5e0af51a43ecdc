"""Meetings: the preview is what is queued; wrong forms; two educators at once."""

import re
from datetime import timedelta

from admin import preview
from records import appointment
from tests.admin.house import NBSP, WALL, House, Visitor, one, words

MEETING = {
    "day": "jeudi",
    "time": "14 h 30",
    "minutes": "45",
    "place": "au local",
    "ladder": ["now", "1d"],
    "slots": "vendredi à 10 h",
}


async def test_a_meeting_is_previewed_exactly_as_it_is_queued(busy: House, nadia: Visitor) -> None:
    sami, path = busy.cast.sami, one(busy.cast.sami, "/rendez-vous/nouveau")
    async with busy.database.read() as tx:
        before = await preview.foreseen(tx, busy.at, sami.id)
    await nadia.get(path)
    seen = words(await nadia.post(path, step="preview", **MEETING))
    async with busy.database.read() as tx:
        assert len(await preview.foreseen(tx, busy.at, sami.id)) == len(before)
    assert (await nadia.fill(path, **MEETING)).status_code == 303
    async with busy.database.read() as tx:
        queued = preview.only_new(before, await preview.foreseen(tx, busy.at, sami.id))
    assert [f.due.params["rung"] for f in queued] == ["now", "1d"]
    for one_ in queued:
        assert one_.screen
        assert one_.screen.text in seen
        assert one_.screen.first_line in seen
        assert one_.at
        assert f"{one_.at.hour}{NBSP}h" in seen
    assert busy.wakes == 1


async def test_a_form_changed_since_its_preview_is_shown_anew_and_not_saved(
    busy: House, nadia: Visitor
) -> None:
    path = one(busy.cast.sami, "/rendez-vous/nouveau")
    await nadia.get(path)
    seen = await nadia.post(path, step="preview", **MEETING)
    digest = re.search(r'name="seen" value="(\w+)"', seen.text)
    assert digest
    answer = await nadia.post(path, step="save", seen=digest[1], **MEETING | {"time": "15 h"})
    assert answer.status_code == 200
    assert "Vous avez changé quelque chose depuis l'aperçu" in words(answer)
    assert busy.wakes == 0


WRONG_MEETINGS = [
    ({"day": "hier"}, "Ce moment est déjà passé"),
    ({"day": "un de ces jours"}, "Écrivez un jour"),
    ({"time": "midi"}, "Écrivez une heure"),
    ({"minutes": "x"}, "Écrivez la durée"),
    ({"minutes": "2"}, "durée de 5 à 600"),
    ({"slots": "quand il veut"}, "n'a pas été comprise"),
    ({"day": "24/11/2031"}, 'id="day-wrong">C\'est trop loin'),
    ({"slots": "hier à 10 h"}, 'id="slots-wrong">Un des autres moments est déjà passé'),
    ({"slots": "24/11/2031 à 10 h"}, 'id="slots-wrong">Un des autres moments est trop loin'),
    ({"slots": "28/03/2027 à 2 h 30"}, 'id="slots-wrong">Un des autres moments n\'existe pas'),
    ({"place": "au CSAPA"}, "parle de drogues"),
    ({"place": "Structure d'essai"}, "nom de votre"),
    ({"day": "28/03/2027", "time": "2 h 30"}, "Cette heure n'existe pas"),
]


async def test_a_wrong_meeting_is_told_beside_its_field_and_kept(
    busy: House, nadia: Visitor
) -> None:
    path = one(busy.cast.sami, "/rendez-vous/nouveau")
    await nadia.get(path)
    for wrong, said in WRONG_MEETINGS:
        answer = await nadia.post(path, step="preview", **MEETING | wrong)
        page = words(answer)
        assert answer.status_code == 422, wrong
        assert said in page
        assert all(value in page for value in wrong.values())
        assert 'aria-invalid="true"' in page
    async with busy.database.read() as tx:
        assert len(await appointment.listed(tx, youth_id=busy.cast.sami.id)) == 1


async def test_the_same_meeting_is_not_planned_twice(busy: House, nadia: Visitor) -> None:
    path = one(busy.cast.sami, "/rendez-vous/nouveau")
    assert (await nadia.fill(path, **MEETING)).status_code == 303
    assert "déjà prévu avec ce jeune" in words(await nadia.fill(path, **MEETING))


async def test_moving_takes_up_the_slot_that_the_youth_chose(busy: House, nadia: Visitor) -> None:
    which = await _asked_to_change(busy)
    path = one(busy.cast.ines, f"/rendez-vous/{which.id}/deplacer")
    page = words(await nadia.get(f"{path}?creneau=1"))
    assert f'value="jeudi{NBSP}26{NBSP}novembre"' in page
    answer = await nadia.fill(path, day="jeudi 26 novembre", time="11 h")
    assert answer.status_code == 303
    async with busy.database.read() as tx:
        assert (await appointment.get(tx, which.id)).wall == "2026-11-26T11:00"


async def test_two_educators_on_one_meeting_are_told(busy: House, nadia: Visitor) -> None:
    which = await _asked_to_change(busy)
    path = one(busy.cast.ines, f"/rendez-vous/{which.id}/deplacer")
    await nadia.get(path)
    async with busy.database.write() as tx:
        await appointment.move(tx, busy.at, which, WALL + timedelta(days=4))
    answer = await nadia.post(
        path, step="preview", revision=str(which.revision), day="jeudi", time="9 h"
    )
    page = words(answer)
    assert answer.status_code == 422
    assert "vient d'être changé par quelqu'un d'autre" in page
    assert f"vendredi{NBSP}27{NBSP}novembre" in page
    assert 'value="jeudi"' in page


async def test_cancelling_shows_its_consequence_first(busy: House, nadia: Visitor) -> None:
    which = await _asked_to_change(busy)
    path = one(busy.cast.ines, f"/rendez-vous/{which.id}/annuler")
    page = words(await nadia.get(path))
    assert f"RDV annulé : mercredi{NBSP}25" in page.replace(f"{NBSP}:", " :")
    assert (await nadia.post(path, revision=str(which.revision))).status_code == 303
    async with busy.database.read() as tx:
        assert (await appointment.get(tx, which.id)).state == "cancelled"
    assert (await nadia.get(path)).headers["location"].endswith("meeting_already_cancelled")


async def _asked_to_change(house: House) -> appointment.Appointment:
    async with house.database.read() as tx:
        found = await appointment.listed(tx, youth_id=house.cast.ines.id)
    return next(m for m in found if m.answer == "change")
