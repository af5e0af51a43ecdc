"""Scripts under way: begin, one step, put away, take up again. The end is in `bot.ending`."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import content
from bot import ending, memory
from bot.taps import number
from bot.visit import Visit, rows
from content import offered_purpose
from dialogs import engine
from dialogs.screen import Button
from dialogs.script import Countdown, Script
from records import conversation, response
from records.sending import DIALOGUE_PATIENCE

DOUBLE_TAP = timedelta(seconds=5)


async def open_script(
    visit: Visit, name: str, wave: str = "", known: dict[str, str] | None = None
) -> None:
    """Begin a script; one that is open is put away with its place kept."""
    script = content.library().script(name, language=visit.language)
    phrases = visit.phrases
    await visit.flush()
    talk = await conversation.begin(
        visit.tx,
        visit.now,
        youth_id=visit.who.youth.id,
        script=name,
        version=script.version,
        structure_id=visit.who.structure.id,
        state={},
        anonymous=script.anonymous,
        wave=wave or None,
        linking=script.kind == "enrolment",
    )
    facts = (known or {}) | await memory.recalled(visit, script)
    facts |= await memory.followed(visit) if script.about else {}
    turn = engine.begin(script, phrases, str(talk.id), facts, await memory.reworded(visit, name))
    _remember(visit, talk, turn, talk.status)
    assert turn.screen is not None
    visit.show(turn.screen, passing=script.anonymous)


async def tapped(visit: Visit, key: str, turn: str, button: str) -> None:
    """A button of a script's screen."""
    talk = visit.who.talk
    if talk is None or str(talk.id) != key:
        talk = await _elsewhere(visit, key)
    if talk is not None and not _allowed(visit, talk):
        await put_away(visit)
        await _elsewhere(visit, key)
    elif talk is not None:
        await _take(visit, talk, engine.Tap(number(turn) or 0, button))


async def wrote(visit: Visit) -> bool:
    """Words for the open script, if it just asked for some. False: they may be for someone else."""
    talk = visit.who.talk
    if talk is None or _left_alone(visit, talk) or not _asks_for_words(visit, talk):
        return False
    if visit.who.interrupted or not _allowed(visit, talk):
        return (
            False  # who is meant has to be asked: the educator spoke, or the script may not go on
        )
    await _take(visit, talk, engine.Said(visit.came.text))
    return True


def _allowed(visit: Visit, talk: conversation.Conversation) -> bool:
    """A script goes on while the consent to its kind counts: an age may have been reached, or the
    text rewritten, in the middle of it."""
    script = _script(visit, talk)
    if script is None or script.kind == "enrolment":
        return True
    return visit.who.given.get(offered_purpose(script.kind), False)


def may_be_meant(visit: Visit) -> bool:
    """Whether words may have been meant for the open script, though it did not take them. One
    left alone for half an hour only counts if words are what it last asked for."""
    talk = visit.who.talk
    return talk is not None and (not _left_alone(visit, talk) or _asks_for_words(visit, talk))


def _left_alone(visit: Visit, talk: conversation.Conversation) -> bool:
    return visit.now - talk.touched_at >= DIALOGUE_PATIENCE


def _asks_for_words(visit: Visit, talk: conversation.Conversation) -> bool:
    script = _script(visit, talk)
    return script is not None and engine.waits_for_words(script, engine.State.from_json(talk.state))


async def take_up(visit: Visit, key: str) -> None:
    """« Reprendre »: the screen where it stood, in the version it began with."""
    talk, script = await _kept(visit, key), await kept_script(visit, key)
    if talk is None or script is None:
        visit.notice("old_button")
        return
    if talk.status == "open" and visit.now - talk.touched_at < DOUBLE_TAP:
        return
    await conversation.take_up(visit.tx, visit.now, talk)
    phrases = visit.phrases
    state = engine.State.from_json(talk.state)
    visit.who.talk = replace(talk, status="open", touched_at=visit.now)
    visit.who.interrupted = False
    screen = engine.show(script, state, phrases, key)
    visit.show(screen, passing=script.anonymous)
    if engine.is_over(script, state):  # it was paused by its last answer
        _remember(visit, talk, engine.Turn(state, "done", screen), "done")
        await ending.finish(visit, script, talk, state)


async def kept_script(visit: Visit, key: str) -> Script | None:
    """The script of a conversation of this youth that can be taken up."""
    talk = await kept(visit, key)
    return _script(visit, talk) if talk else None


async def let_go(visit: Visit, talk: conversation.Conversation) -> None:
    """Its version can be read no more: said kindly, with the way to the newer one. What was
    answered stays, in « Moi »."""
    await visit.flush()
    await conversation.save(visit.tx, visit.now, [(talk.id, {}, "done")])
    if visit.who.talk is not None and visit.who.talk.id == talk.id:
        visit.who.talk = None
    if offered(talk.script) is None:
        visit.tell("script.gone")
        return
    again = visit.button("script.again", "begin", talk.script, talk.wave or "")
    visit.tell("script.changed", rows([again]))


async def kept(visit: Visit, key: str) -> conversation.Conversation | None:
    """A conversation of this youth's that has a place to come back to."""
    talk = await _kept(visit, key)
    return talk if talk and talk.status in ("open", "away") and talk.state else None


async def leave(visit: Visit, purpose: str) -> None:
    """A consent was withdrawn: what it allowed stops where it stands. A half-answered survey is
    wiped, the rest keeps its place."""
    script = _script(visit, visit.who.talk) if visit.who.talk else None
    if script is not None and offered_purpose(script.kind) == purpose:
        await put_away(visit)
    if purpose == "surveys":
        await conversation.forget_all_anonymous(visit.tx, visit.who.youth.id)


async def put_away(visit: Visit) -> None:
    """Leave the open script at its place, without a word."""
    talk = visit.who.talk
    if talk is not None:
        await visit.flush()
        await conversation.put_away(visit.tx, visit.now, visit.who.youth.id)
        visit.who.talk = None


async def _take(
    visit: Visit, talk: conversation.Conversation, given: engine.Tap | engine.Said
) -> None:
    script = _script(visit, talk)
    if script is None:
        await let_go(visit, talk)
        return
    phrases = visit.phrases
    turn = engine.step(script, engine.State.from_json(talk.state), given, phrases, str(talk.id))
    if turn.outcome in ("stale", "unexpected"):
        visit.notice("old_button")
        return
    if turn.outcome in ("too_long", "too_many"):
        _refuse(visit, script, talk, turn.outcome)
        return
    await _advance(visit, script, talk, turn)


def _refuse(visit: Visit, script: Script, talk: conversation.Conversation, why: str) -> None:
    limit = getattr(script.steps[talk.state["step"]], "at_most", 0)
    if why == "too_many":
        visit.notice("script.too_many", limit=limit)
    else:
        visit.tell("script.too_long", limit=limit, passing=script.anonymous)


async def _advance(
    visit: Visit, script: Script, talk: conversation.Conversation, turn: engine.Turn
) -> None:
    if visit.heard:
        await _pause(visit, script, talk, turn)
        return
    status = {"asking": talk.status, "done": "done", "stopped": "away"}[turn.outcome]
    _remember(visit, talk, turn, status)
    _keep_answers(visit, script, talk, turn)
    if turn.remind is not None:
        memory.remind(visit, script, talk, turn.remind)
    screen = turn.screen
    assert screen is not None
    # A frame of a countdown may be on its way (`bot.countdown`): nothing else takes its place.
    edit = not isinstance(script.steps[talk.state["step"]], Countdown)
    if turn.outcome == "stopped":
        visit.tell(
            "script.stopped",
            rows([visit.button("script.resume", "resume", str(talk.id))]),
            edit=edit,
        )
        return
    visit.show(screen, edit=edit, passing=script.anonymous)
    if turn.outcome == "done":
        await ending.finish(visit, script, talk, turn.state)


def _keep_answers(
    visit: Visit, script: Script, talk: conversation.Conversation, turn: engine.Turn
) -> None:
    if script.anonymous or script.kind == "enrolment":
        return
    only_me = getattr(script.steps[talk.state["step"]], "visibility", "") == "me"
    saved = [*_what_about(script, talk, turn), *turn.saved]
    visit.writings.answers += [
        response.Saved(
            visit.who.structure.id,
            visit.who.youth.id,
            talk.id,
            talk.script,
            talk.version,
            variable,
            value,
            only_me,
        )
        for variable, value in saved
    ]


def _what_about(
    script: Script, talk: conversation.Conversation, turn: engine.Turn
) -> list[tuple[str, str]]:
    """What the answers are about, kept with the first of them, in the words that were read."""
    known = talk.state["answers"]
    asked = {getattr(at, "save", None) for at in script.steps.values()}
    first = bool(turn.saved) and asked.isdisjoint(known)
    if not first or script.about is None or script.about not in known:
        return []
    return [(script.about, known[script.about])]


async def _pause(
    visit: Visit, script: Script, talk: conversation.Conversation, turn: engine.Turn
) -> None:
    """Words of distress: the answer and the place are kept, and nothing more is asked for now. A
    survey that they end is handed in: there is nothing left to take up."""
    visit.unnamed = script.anonymous
    if script.anonymous and turn.outcome == "done":
        _remember(visit, talk, turn, "done")
        await ending.finish(visit, script, talk, turn.state)
        return
    _remember(visit, talk, turn, "away")
    _keep_answers(visit, script, talk, turn)
    visit.set_aside = talk.id


async def _elsewhere(visit: Visit, key: str) -> conversation.Conversation | None:
    """A button of a script that is not the open one: enrolment, which stands beside it; or one
    put away, done, or someone else's, which only gets a word."""
    await visit.flush()
    talk = await _kept(visit, key)
    if talk is not None and talk.status == "linking":
        return talk
    if talk is not None and talk.status == "away" and talk.state and visit.who.confirmed:
        visit.close_tap()
        visit.tell("script.stopped", rows([visit.button("script.resume", "resume", key)]))
    else:
        visit.notice("old_button")
    return None


async def _kept(visit: Visit, key: str) -> conversation.Conversation | None:
    return await conversation.get(visit.tx, number(key) or 0, visit.who.youth.id)


def _remember(
    visit: Visit, talk: conversation.Conversation, turn: engine.Turn, status: str
) -> None:
    over = status == "done"
    state: dict[str, Any] = (turn.state.over() if over else turn.state).to_json()
    if over and talk.anonymous:
        state = {}
    visit.writings.moved[talk.id] = (talk.id, state, status)
    visit.writings.note(talk.youth_id)
    visit.who.interrupted = False
    kept = conversation.Conversation(
        talk.id,
        talk.youth_id,
        talk.script,
        talk.version,
        talk.wave,
        talk.anonymous,
        status,
        state,
        visit.now,
    )
    if talk.status != "linking":
        visit.who.talk = kept if status == "open" else None


def _script(visit: Visit, talk: conversation.Conversation) -> Script | None:
    """The script in the version this conversation began with; None once it is gone, or is so
    different that the conversation has no place in it."""
    if not content.library().has(talk.script, talk.version):
        return None
    script = content.library().script(talk.script, talk.version, visit.language)
    stands = not talk.state or engine.stands(script, engine.State.from_json(talk.state))
    return script if stands else None


def offered(name: str) -> Script | None:
    """A script that can be begun by hand: enrolment only begins with a link."""
    script = content.library().script(name) if content.library().has(name) else None
    return None if script is None or script.kind == "enrolment" else script


def resume_button(visit: Visit, talk: conversation.Conversation) -> Button | None:
    script = _script(visit, talk) or offered(talk.script)
    if script is None or script.kind == "enrolment":
        return None
    return visit.button("exercise.resume", "resume", str(talk.id), title=script.title)
