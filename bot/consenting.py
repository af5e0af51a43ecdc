"""Consents as a youth gives them: by purpose, each apart, effective in the same commit, and under fifteen only together with a parent's agreement (§ 5.2).

A « oui » is an answer to a question that was read. Its button carries which one (`content.mark`):
once the youth has said otherwise, or the text has changed, it gives nothing back, and the question
is put anew. A « non » always counts.
"""

import content
from bot.visit import Rows, Visit, rows
from dialogs.screen import Button, Screen
from records import consent


def mark(visit: Visit, purpose: str) -> str:
    """What a « oui » offered now answers."""
    last = visit.who.said.get(purpose)
    newest = content.library().consents.newest[purpose]
    return content.mark(newest, last.entry if last else None)


def has_read(visit: Visit, purpose: str) -> bool:
    """Whether they have answered the question of today's wording: then a line is enough to undo."""
    last = visit.who.said.get(purpose)
    asked_now = content.library().consents.newest[purpose]
    if last is None or last.again_since is not None or last.text_version != asked_now:
        return False
    return not consent.outgrown(last.regime, rule(visit))


def rule(visit: Visit) -> str:
    """The law of the youth's age, today, where the structure is."""
    of, today = visit.who.structure, visit.local_now.date()
    return consent.regime(visit.who.youth.birth_month, of.consent_age, today)


async def agree(visit: Visit, purpose: str, answered: str) -> bool:
    """A « oui », if its question is the last one put; whether the consent stands then."""
    if visit.who.given.get(purpose):
        return True  # said twice
    if answered != mark(visit, purpose):
        return False
    await record(visit, purpose, given=True)
    return True


async def record(visit: Visit, purpose: str, given: bool, text_version: int = 0) -> None:
    """Write down what was said to the question of now, or of the version that was read."""
    said = await consent.record(
        visit.tx,
        visit.now,
        visit.who.youth,
        purpose,
        given,
        text_version=text_version or content.library().consents.newest[purpose],
        contact_id=visit.who.contact.id,
    )
    visit.who.said[purpose] = said
    visit.who.given = consent.holding(visit.who.said, rule(visit))
    if not given:
        visit.after.withdrawn.add((visit.who.youth.id, purpose))


def ask(
    visit: Visit, purpose: str, yes: tuple[str, ...], no: tuple[str, ...], *, old: bool = False
) -> None:
    """Put the question; `old`: a button of before was tapped, which counts no more."""
    text = visit.say(f"ask.{purpose}")
    if old:
        text = f"{visit.say('consent.old')}\n\n{text}"
    visit.show(Screen(text, choices(visit, purpose, yes, no)), edit=True)


def choices(visit: Visit, purpose: str, yes: tuple[str, ...], no: tuple[str, ...]) -> Rows:
    return rows(
        [Button(visit.say("consent.yes"), (*yes, mark(visit, purpose)))],
        [Button(visit.say("consent.no"), no)],
    )


def ask_from(visit: Visit, purpose: str, then: str, *, old: bool = False) -> None:
    """Put the question of a purpose where nothing else waits for the answer but `then`."""
    yes, no = ("consent", purpose, "yes", then), ("consent", purpose, "no", then, "")
    ask(visit, purpose, yes, no, old=old)


def to_ask_again(visit: Visit) -> list[str]:
    """The purposes of which a yes counts no more: the text changed, or an age was reached."""
    return consent.to_ask_again(visit.who.said, rule(visit))


async def needs_parent(visit: Visit, purpose: str = "") -> bool:
    of, today = visit.who.structure, visit.local_now.date()
    return await consent.needs_parent(visit.tx, visit.who.youth, of.consent_age, today, purpose)
