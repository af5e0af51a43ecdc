"""The end of a script: consents written down, an anonymous answer handed in, or « on garde ça entre
nous ? ». Answers are the youth's own until they decide to show them."""

from bot import consenting
from bot.taps import number
from bot.visit import Visit, rows
from dialogs import engine
from dialogs.script import Script
from records import consent as consents
from records import conversation, inbox, response, survey


async def finish(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    if script.kind == "enrolment":
        await _finish_enrolment(visit, talk, state)
    elif script.anonymous:
        await _hand_in(visit, script, talk, state)
    else:
        await _offer_to_share(visit, talk, state)


async def _finish_enrolment(
    visit: Visit, talk: conversation.Conversation, state: engine.State
) -> None:
    """Two consents are written down; they stand once the educator has confirmed the words."""
    for purpose in ("reminders", "messages"):
        said = state.answers.get(f"consent_{purpose}")
        if said is not None:
            await consents.record(
                visit.tx,
                visit.now,
                visit.who.youth,
                purpose,
                said == "yes",
                text_version=talk.version,
                consent_age=visit.who.structure.consent_age,
                contact_id=visit.who.contact.id,
                in_effect=visit.who.confirmed,
            )
            if visit.who.confirmed:
                visit.who.given[purpose] = said == "yes"
    await _wipe(visit, talk)
    if not visit.who.confirmed:
        visit.tell("words.show", words=visit.who.contact.words)


async def _hand_in(
    visit: Visit, script: Script, talk: conversation.Conversation, state: engine.State
) -> None:
    """Anonymous answers leave for their own table, and all that pairs them is wiped (§ 5.9)."""
    asked = {getattr(at, "save", None) for at in script.steps.values()}
    year, week, _ = visit.local_now.isocalendar()
    await survey.hand_in(
        visit.tx,
        structure_id=visit.who.structure.id,
        youth_id=visit.who.youth.id,
        instrument=script.name,
        version=script.version,
        wave=talk.wave or wave_of(visit),
        week=f"{year}-W{week:02}",
        answers={k: v for k, v in state.answers.items() if k in asked},
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
    visit: Visit, talk: conversation.Conversation, state: engine.State
) -> None:
    visit.who.talk = None
    if not state.answers or visit.who.given.get("sharing") is False:
        return
    visit.tell(
        "share.ask",
        rows(
            [visit.button("share.yes", "share", str(talk.id), "yes")],
            [visit.button("share.no", "share", str(talk.id), "no")],
        ),
    )


async def share(visit: Visit, key: str, said: str) -> None:
    """The youth's decision on the answers of one exercise. The first yes is also the consent."""
    if said != "yes":
        visit.keep_back(number(key) or 0)
        _show_choice(visit, key, "share.kept", other="yes")
        return
    changed = await response.share(visit.tx, visit.now, visit.who.youth.id, number(key) or 0)
    if changed is None:
        visit.notice("old_button")
        return
    if not visit.who.given.get("sharing"):
        await consenting.record(visit, "sharing", True)
    if await consenting.needs_parent(visit):
        visit.tell("consent.needs_parent", edit=True)
        return
    if changed:
        await inbox.add_once(
            visit.tx,
            visit.now,
            structure_id=visit.who.structure.id,
            youth_id=visit.who.youth.id,
            kind="shared",
        )
    _show_choice(visit, key, "share.shared", other="no")


def _show_choice(visit: Visit, key: str, sentence: str, *, other: str) -> None:
    """What was decided, and the button that decides otherwise."""
    visit.tell(sentence, rows([visit.button(f"share.{other}", "share", key, other)]), edit=True)


def wave_of(visit: Visit) -> str:
    """The quarter a survey belongs to when no wave was named: « 2026-T4 »."""
    return f"{visit.local_now.year}-T{(visit.local_now.month - 1) // 3 + 1}"
