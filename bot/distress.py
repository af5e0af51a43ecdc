"""What follows words of distress: the card at once, then « Je préviens Nadia ? ».

Nothing that a youth writes is held up by it: an exercise keeps the answer and its place, words to
the educator reach the inbox. The question waits ten minutes (`records.question`); what was said in
an anonymous survey is asked about like the rest, but no category is kept of it, and the structure's
rule for minors does not apply: no name was promised (§ 5.9).
"""

from collections.abc import Sequence
from datetime import timedelta

import content
from bot import talk
from bot.channel import Incoming
from bot.taps import number
from bot.visit import Rows, Visit, rows
from dialogs.screen import Button, Screen
from records import alert, conversation, message, question, reading
from records.question import Question

LISTENED = ("text", "edited", "media")  # what is forwarded was written by somebody else
A_WHILE = timedelta(minutes=1)  # the same card is not shown again sooner


def heard_in(came: Incoming) -> tuple[str, ...]:
    return content.heard(came.text) if came.text and came.kind in LISTENED else ()


def may_ask(visit: Visit) -> bool:
    """Whether there is somebody to warn: of an unconfirmed phone, or after closure, only help is
    given."""
    return visit.who.confirmed and visit.who.youth.closed_at is None


async def help_first(visit: Visit) -> None:
    """The card, before anything else is answered. While a question waits it is shown again for
    something else, or after a while."""
    waits = await question.waiting(visit.tx, visit.who.youth.id) if may_ask(visit) else None
    visit.asked = waits
    if waits is not None:
        visit.card_at = waits.card_at
        known = not waits.categories or set(visit.heard) <= set(waits.categories)
        if known and visit.now - waits.card_at < A_WHILE:
            return
    visit.card_at = visit.now
    visit.show_help(visit.heard)


async def ask(visit: Visit) -> bool:
    """« Je préviens Nadia ? », once what was written is where it belongs. False when there was
    nothing to ask: nobody to warn, the question waits already, or the answer is known."""
    if not may_ask(visit):
        return False
    if visit.who.talk is not None:
        visit.set_aside = visit.who.talk.id
        await talk.put_away(visit)
    heard = () if visit.unnamed else visit.heard
    if visit.asked is not None:
        heard = content.together(visit.asked.categories, heard)
    if visit.asked is not None and not await _asks_anew(visit, visit.asked, heard):
        return False
    if visit.asked is None and await alert.unseen(visit.tx, visit.who.youth.id):
        visit.tell("distress.already", rows(*await _resuming(visit)))
        return False
    warned = _rule(visit, heard) == "tell"
    key = await question.ask(visit.tx, visit.now, visit.who.youth, heard, warned=warned)
    _show_question(visit, key, warned=warned)
    return True


async def _asks_anew(visit: Visit, asked: Question, heard: Sequence[str]) -> bool:
    """More was said while the question waits: it is about all of it, and its clock goes on; but a
    rule that applies now is told first, with a question of its own."""
    if _rule(visit, heard) == "tell" and not asked.warned:
        return True
    await question.change(visit.tx, asked, heard, visit.card_at or visit.now)
    return False


def _rule(visit: Visit, heard: Sequence[str]) -> str:
    who, today = visit.who, visit.local_now.date()
    return alert.follows(who.structure, who.youth, heard, today)


def _show_question(visit: Visit, key: int, *, warned: bool) -> None:
    visit.show_question(
        {
            "question": key,
            "seal": question.seal(visit.tx, key, visit.who.youth.id),
            "warned": warned,
            "addressed": visit.addressed,
            "set_aside": visit.set_aside,
            "unnamed": visit.unnamed,
        }
    )


async def answer(visit: Visit, key: str, seal: str, said: str) -> None:
    """« Oui » or « Non ». A yes that comes late, or after a no, is a yes all the same; what it was
    about is forgotten by then, and the seal alone shows that this youth was asked."""
    asked, youth_id = number(key) or 0, visit.who.youth.id
    if said not in ("yes", "no") or seal != question.seal(visit.tx, asked, youth_id):
        visit.notice("old_button")
    elif await alert.answering(visit.tx, asked, youth_id):
        visit.notice("distress.sent")
    elif said == "yes":
        await _raise(visit, asked)
    else:
        await _refuse(visit, asked)


async def _raise(visit: Visit, key: int) -> None:
    youth, of = visit.who.youth, visit.who.structure
    asked = await question.waiting(visit.tx, youth.id)
    if asked is None and await alert.unseen(visit.tx, youth.id):
        visit.notice("distress.sent")
        return
    heard, which = (asked.categories, asked.id) if asked else ((), key)
    await question.forget(visit.tx, youth.id)
    await alert.raise_(visit.tx, visit.now, youth, of, heard, "yes", which)
    parts = [visit.say("distress.sent"), *_when_read(visit, heard)]
    screen = Screen("\n\n".join(parts), rows(*await _resuming(visit)))
    visit.show(screen, edit=True, passing=True, priority=message.HELP)


def _when_read(visit: Visit, heard: Sequence[str]) -> list[str]:
    """When somebody reads; while nobody does, from when on, and the numbers again."""
    of = visit.who.structure
    if reading.is_reading(of.reading_hours, of.zone, of.holidays, visit.now):
        return [visit.say("distress.reading")]
    opens = reading.next_read(of.reading_hours, of.zone, of.holidays, visit.now)
    if opens is None:
        told = visit.say("distress.reading")
    else:
        when = content.day_and_time(opens.astimezone(of.tz), visit.language)
        told = visit.say("distress.next", when=when)
    numbers = content.help_lines(visit.about, heard)
    return [told, f"{visit.say('distress.meanwhile')}\n{numbers}"]


async def _refuse(visit: Visit, key: int) -> None:
    applies = await question.refuse(visit.tx, visit.now, visit.who.youth, key)
    words = visit.say("distress.told" if applies else "distress.refused")
    screen = Screen(words, rows(*await _resuming(visit)))
    visit.show(screen, edit=True, passing=True, priority=message.HELP)


async def _resuming(visit: Visit) -> Rows:
    """« Reprendre », where something waits at its place."""
    kept = await conversation.away(visit.tx, visit.who.youth.id)
    return rows([_resume(visit, kept[0].id)]) if kept else ()


def _resume(visit: Visit, key: int) -> Button:
    return visit.button("script.resume", "resume", str(key))
