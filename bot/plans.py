"""The plan of one exercise, in the carnet: when it comes back, and turning that off or on again."""

from bot import memory
from bot.occasion import Entry
from bot.taps import number
from bot.visit import Visit
from content.carnet import Page, page
from dialogs.drawing import filled
from dialogs.screen import Button
from dialogs.script import Plan
from dialogs.state import State
from records import plan


def buttons(visit: Visit, found: Entry, told: Page, *, waits: bool) -> list[list[Button]]:
    which = str(found.id)
    if waits:
        return [[visit.button("carnet.remind_no_more", "entry", which, "off")]]
    step = found.of.steps[told.plan] if found.of is not None and told.plan else None
    if not isinstance(step, Plan) or not visit.who.given.get("exercises"):
        return []
    return [
        [
            visit.button("script.tomorrow", "entry", which, "in1")
            if days == 1
            else visit.button("carnet.remind_in", "entry", which, f"in{days}", days=days)
        ]
        for days in step.days
    ]


async def remind(visit: Visit, found: Entry, wish: str) -> None:
    """Turn the reminder of this plan off, or have it come back on another day."""
    waits = (await plan.coming_back(visit.tx, visit.who.youth.id)).get(found.id)
    if wish == "off":
        off = await plan.call_off(visit.tx, visit.who.youth.id, found.id)
        visit.notice("carnet.reminder_off" if off else "carnet.no_reminder")
    elif waits is None:
        _plan_again(visit, found, wish)
        await visit.flush()


def _plan_again(visit: Visit, found: Entry, wish: str) -> None:
    told = page(found.of, found.end, found.values, found.known, "")
    step = found.of.steps[told.plan] if found.of is not None and told.plan else None
    days = number(wish.removeprefix("in"))
    if (
        not isinstance(step, Plan)
        or days not in step.days
        or not visit.who.given.get("exercises")
        or found.of is None
    ):
        visit.notice("old_button")
        return
    state = State(told.plan, answers=found.known | found.values)
    text = filled(found.of, state, step.text)
    memory.plan_again(visit, found.of, found.id, days, text)
