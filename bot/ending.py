"""The end of a script: consents written down, an anonymous answer handed in, or « on garde ça entre
nous ? ». Answers are the youth's own until they decide to show them."""

import content
from bot import choosing, consenting, occasion
from bot.taps import number
from bot.visit import Visit, rows
from content.consents import SAVED
from dialogs import engine
from dialogs.screen import Screen
from dialogs.script import Script
from records import carnet, conversation, response, survey, told_rule
from records import consent as consents
from records.response import ONLY_ME

AT_ENROLMENT = ("reminders", "messages")
TOLD_RULE = "told_rule"  # the rule for minors, as it stood when its screen was made
BEFORE = "before_"  # what had been said when the question was put


async def finish(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    if script.kind == "enrolment":
        await _finish_enrolment(visit, script, talk, state)
    elif script.anonymous:
        await _hand_in(visit, script, talk, state)
    else:
        await _offer_to_share(visit, script, talk, state)


async def _finish_enrolment(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    """Two consents are written down; they stand once the educator has confirmed the words. A yes
    to a question that was put before they said otherwise, on another phone or in Moi, is none."""
    for purpose in AT_ENROLMENT:
        said = state.answers.get(f"{SAVED}{purpose}")
        since = state.answers.get(f"{BEFORE}{purpose}", "")
        if said == "no" or (said == "yes" and since == _last_said(visit, purpose)):
            await _note(visit, purpose, said == "yes", _version_read(script, purpose))
    if (rule := state.answers.get(TOLD_RULE)) is not None:
        await told_rule.has_read(visit.tx, [visit.who.youth.id], rule)
    await _wipe(visit, talk)
    if not visit.who.confirmed:
        visit.tell("words.show", words=visit.who.contact.words)


def said_before(visit: Visit) -> dict[str, str]:
    """What had last been said of each purpose when the enrolment began, kept with its answers."""
    return {f"{BEFORE}{purpose}": _last_said(visit, purpose) for purpose in AT_ENROLMENT}


def _last_said(visit: Visit, purpose: str) -> str:
    last = visit.who.said.get(purpose)
    return str(last.entry) if last else ""


def _version_read(script: Script, purpose: str) -> int:
    """Of the question as this script asks it: every wording of it has a version (`content`)."""
    french = content.library().script(script.name, script.version)
    asked = next(n for n, s in french.steps.items() if getattr(s, "save", None) == SAVED + purpose)
    version = content.library().consents.read_as(purpose, french.text_of(asked))
    assert version is not None  # `Library` refuses any other
    return version


async def _note(visit: Visit, purpose: str, given: bool, version: int) -> None:
    if visit.who.confirmed:
        await consenting.record(visit, purpose, given, version)
        return
    await consents.record(
        visit.tx,
        visit.now,
        visit.who.youth,
        purpose,
        given,
        text_version=version,
        contact_id=visit.who.contact.id,
        in_effect=False,
    )


async def _hand_in(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    """Anonymous answers leave for their own table, and all that pairs them is wiped (§ 5.9)."""
    asked = {save for at in script.steps.values() if (save := getattr(at, "save", None))}
    year, week, _ = visit.local_now.isocalendar()
    await survey.hand_in(
        visit.tx,
        structure_id=visit.who.structure.id,
        youth_id=visit.who.youth.id,
        instrument=script.name,
        version=script.version,
        wave=talk.wave or wave_of(visit),
        week=f"{year}-W{week:02}",
        answers={item: state.answers.get(item, survey.SKIPPED) for item in sorted(asked)},
    )
    await visit.flush()
    await conversation.forget_anonymous(visit.tx, visit.who.youth.id, talk.script, talk.wave)
    await _wipe(visit, talk)


async def _wipe(visit: Visit, talk: conversation.Conversation) -> None:
    visit.writings.moved.pop(talk.id, None)
    await conversation.forget(visit.tx, talk.id)
    if talk.status != "linking":
        visit.who.talk = None


async def _offer_to_share(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    visit.who.talk = None
    can_show = _can_show(script, state)
    if not can_show or visit.who.given.get("sharing") is False:
        return
    this = str(talk.id)
    lines = [
        [visit.button("share.yes", "share", this, "yes", consenting.mark(visit, "sharing"))],
        *([[visit.button("share.choose", "choose", this)]] if len(can_show) > 1 else []),
        [visit.button("share.no", "share", this, "no")],
    ]
    # Answers may come in its place, and what was not protected when it was sent never will be.
    visit.show(Screen(visit.say("share.ask"), rows(*lines), protect=True))


def _can_show(script: Script, state: engine.State) -> set[str]:
    """What was said here that is not for the youth alone."""
    asked = {
        str(getattr(at, "save", None))
        for at in script.steps.values()
        if getattr(at, "visibility", "me") != "me"
    }
    return asked & state.answers.keys()


async def share(visit: Visit, key: str, said: str, answered: str = "") -> None:
    """The youth's decision on the answers of one exercise. The first yes is also the consent, if
    it answers the question as it stands; whoever took it back is asked for it apart."""
    if said != "yes":
        visit.keep_back(number(key) or 0)
        choosing.nothing_told(visit, key)
        return
    said_here = await carnet.answers(visit.tx, visit.who.youth.id, number(key) or 0)
    can_show = [one for one in said_here if one.visibility != ONLY_ME]
    if not can_show:
        visit.notice("old_button")
        return
    if not await consenting.agree(visit, "sharing", answered):
        yes, no = ("share", key, "yes"), ("consent", "sharing", "no", "", "")
        consenting.ask(visit, "sharing", yes, no, old=bool(answered))
        return
    changed = await response.share(visit.tx, visit.now, visit.who.youth.id, number(key) or 0)
    if changed is None:
        visit.notice("old_button")
        return
    if await consenting.needs_parent(visit, "sharing"):
        visit.tell("consent.needs_parent", edit=True)
        return
    if changed:
        await occasion.announce(visit)
    choosing.told(visit, key, can_show, can_show)


def wave_of(visit: Visit) -> str:
    """The quarter a survey belongs to when no wave was named: « 2026-T4 »."""
    return survey.wave_of(visit.local_now.date())
