"""What there is to begin: « Un exercice », what an educator proposed, and the consent it needs.

Each purpose is asked for when it is first offered; a « oui » leads straight into the script.
"""

import content
from bot import consenting, course, talk
from bot.taps import number
from bot.visit import Visit, rows
from content import offered_purpose
from dialogs.screen import Button, Screen
from dialogs.script import Script
from records import appointment, by_itself, conversation, objective, outgoing, survey
from records.youth import age_on

A_PAGE = 6  # exercises on one screen: a short list is read, a long one is not


async def exercises(visit: Visit, page: str = "0") -> None:
    """« Un exercice »: what was put away first, then what there is to choose, a few at a time."""
    if not visit.who.given.get("exercises"):
        consenting.ask_from(visit, "exercises", "exercises")
        return
    if await consenting.needs_parent(visit, "exercises"):
        visit.tell("consent.needs_parent", edit=True)
        return
    kept = await conversation.away(visit.tx, visit.who.youth.id)
    lines = [[button] for one in kept[:2] if (button := talk.resume_button(visit, one))]
    listed = _catalogue(visit)
    at = (number(page) or 0) % max(1, -(-len(listed) // A_PAGE))
    shown = listed[at * A_PAGE : (at + 1) * A_PAGE]
    more = [visit.button("exercise.more", "exercises", str(at + 1))]
    turn = [more] if len(listed) > A_PAGE else []
    text = f"{visit.say('exercise.list')}\n\n{visit.say('exercise.list_more')}"
    ways = await course.shortcut(visit)
    visit.show(Screen(text, rows(*lines, *ways[:-1], *shown, *turn, ways[-1])), edit=True)


def _catalogue(visit: Visit) -> list[list[Button]]:
    """Titles in the youth's language; a check-in is there to be taken at will, too."""
    age = age_on(visit.who.youth.birth_month, visit.local_now.date())
    library, language = content.library(), visit.language
    return [
        [Button(library.script(one.name, language=language).title, ("begin", one.name, ""))]
        for kind in ("checkin", "exercise")
        for one in library.catalogue(kind, age)
        if one.at_will
    ]


async def begin(visit: Visit, name: str, wave: str = "", said: str = "") -> None:
    """« Commencer »: asks for the consent that this kind of script needs, then opens it.

    `said` is the question that the button itself answered with a yes, if it did.
    """
    script = _of_wave(name, wave)
    if script is None:
        visit.notice("old_button")
        return
    if script.anonymous and not await _may_be_answered(visit, name, wave):
        return
    if not await _means_something(visit, script):
        return
    if not await _agreed(visit, script, said, ("begin", name, wave)):
        return
    if (under_way := await _under_way(visit, name, wave)) is not None:
        await talk.take_up(visit, str(under_way.id))
    else:
        await talk.open_script(visit, name, wave)


def _of_wave(name: str, wave: str) -> Script | None:
    """A script that can be begun by hand: a survey in one of its waves, another one without."""
    script = talk.offered(name)
    if script is None:
        return None
    right = survey.is_wave(wave) if script.kind == "survey" else not wave
    return script if right else None


async def resume(visit: Visit, key: str, said: str = "") -> None:
    """« Reprendre »: what was put away; its consent is asked again if it was withdrawn since."""
    script = await talk.kept_script(visit, key)
    if script is None and (unreadable := await talk.kept(visit, key)) is not None:
        await talk.let_go(visit, unreadable)
    elif script is None:
        visit.notice("old_button")
    elif await _agreed(visit, script, said, ("resume", key)):
        await talk.take_up(visit, key)


async def leave(visit: Visit, key: str) -> None:
    """« Pas maintenant » to a nudge: the place is kept, and nothing more is said."""
    waiting = await talk.kept(visit, key)
    if waiting is None:
        visit.notice("old_button")
        return
    if waiting.status == "open":
        await talk.put_away(visit)
    visit.tell("script.stopped", rows([visit.button("script.resume", "resume", key)]), edit=True)


async def _may_be_answered(visit: Visit, name: str, wave: str) -> bool:
    """A survey is answered once a wave, by whoever was asked, while the wave is not long over."""
    who = visit.who.youth.id
    if await survey.has_completed(visit.tx, who, name, wave):
        visit.tell("survey.already", edit=True)
    elif not await outgoing.was_offered(visit.tx, who, name, wave):
        visit.notice("old_button")
    elif survey.is_over(wave, visit.local_now.date()):
        visit.tell("survey.closed", edit=True)
    else:
        return True
    return False


async def _means_something(visit: Visit, script: Script) -> bool:
    """Before a meeting, one is still to come; of objectives, one is followed."""
    who = visit.who.youth.id
    if script.name == by_itself.SCRIPTS["before"] and not await _meeting_ahead(visit):
        visit.tell("checkin.too_late", edit=True)
    elif script.about and not await objective.of_youth(visit.tx, who):
        visit.tell("checkin.no_objective", edit=True)
    else:
        return True
    return False


async def _meeting_ahead(visit: Visit) -> bool:
    who = visit.who.youth.id
    coming = await appointment.listed(visit.tx, youth_id=who, since=visit.now)
    return any(one.state == "planned" for one in coming)


async def _agreed(visit: Visit, script: Script, said: str, yes: tuple[str, ...]) -> bool:
    """Whether a script may be under way: with the youth's consent to its kind, asked for when it
    is missing, and under fifteen a parent's."""
    purpose = offered_purpose(script.kind)
    stands = visit.who.given.get(purpose, False)
    if not stands and not (said and await consenting.agree(visit, purpose, said)):
        consenting.ask(visit, purpose, yes, ("decline", script.name), old=bool(said))
        return False
    if await consenting.needs_parent(visit, purpose):
        visit.tell("consent.needs_parent", edit=True)
        return False
    return True


async def _under_way(visit: Visit, name: str, wave: str) -> conversation.Conversation | None:
    """The same script, open; or a survey of the same wave that was put away."""
    talks = [visit.who.talk] if visit.who.talk else []
    away = await conversation.away(visit.tx, visit.who.youth.id)
    talks += [kept for kept in away if kept.anonymous]
    return next((t for t in talks if (t.script, t.wave or "") == (name, wave)), None)


async def decline(visit: Visit, name: str) -> None:
    """« Non » to the consent that a script needs."""
    script = talk.offered(name)
    if script is None:
        visit.notice("old_button")
        return
    purpose = offered_purpose(script.kind)
    await consenting.record(visit, purpose, given=False)
    await talk.leave(visit, purpose)
    visit.tell("consent.refused", edit=True)


async def later(visit: Visit, name: str, wave: str) -> None:
    """« Pas maintenant »: exercises have their list; a survey keeps its button."""
    script = _of_wave(name, wave)
    if script is None:
        visit.notice("old_button")
    elif script.kind == "survey":
        visit.tell(
            "offer.later_survey",
            rows([visit.button("offer.begin", "begin", name, wave)]),
            edit=True,
        )
    else:
        visit.tell("offer.later_said", edit=True)
