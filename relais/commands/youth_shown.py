"""One youth as the command line shows them: facts for scripts, a page for people."""

from datetime import date
from typing import Any

from admin.french import month
from admin.youth import PURPOSES
from admin.youths import REACH, reach_of
from content import day, day_and_time
from records import (
    appointment,
    consent,
    contact,
    ending,
    parental,
    retention,
    staff,
    structure,
    youth,
)
from records.contact import Contact
from records.database import Tx
from records.staff import Staff
from records.youth import Youth
from relais.command import Call, Said, table
from relais.commands import planned
from relais.commands.planned import local

_LANGUAGES = {"fr": "français", "en": "anglais"}
_PHONE = {"unconfirmed": "à confirmer", "confirmed": "confirmé", "unreachable": "injoignable"}


async def facts(tx: Tx, call: Call, who: Youth) -> dict[str, Any]:
    """What is known of a youth. `phone` is the newest one; its address stays sealed."""
    of = await structure.get(tx, who.structure_id)
    educator = await staff.get(tx, who.educator_id)
    phones = await contact.of_youth(tx, who.id)
    said = await consent.of(tx, who.id)
    stands = {purpose: last.given for purpose, last in said.items()}
    today = call.now.astimezone(of.tz).date()
    regime = consent.regime(who.birth_month, of.consent_age, today)
    return {
        "id": str(who.id),
        "code": who.code,
        "nickname": who.nickname,
        "born": who.birth_month,
        "age": youth.age_on(who.birth_month, today),
        "school_aged": who.school_aged,
        "language": who.language,
        "form": who.form or of.form,
        "structure": of.name,
        "educator": educator.login,
        "support_ends_on": who.support_ends_on,
        "closes_on": await _closes_on(tx, who),
        "paused": who.paused_at is not None,
        "closed_at": local(who.closed_at, of),
        "reach": reach_of(who, phones, stands),
        "phone": {
            "state": phones[-1].state,
            "words": phones[-1].words,
            "channel": phones[-1].channel,
            "linked_at": local(phones[-1].linked_at, of),
        }
        if phones
        else None,
        "consents": stands,
        "to_ask_again": consent.to_ask_again(said, regime),
        "regime": regime,
        "parental_agreement": who.id in await parental.agreed(tx, [who.id]),
    }


async def _closes_on(tx: Tx, who: Youth) -> date | None:
    """The day whose night closes it, unless the end is moved."""
    if who.support_ends_on is None or who.closed_at is not None:
        return None
    grace = (await retention.periods(tx))["closing"].days
    return ending.closes_on(who.support_ends_on, grace)


def long_day(of: date) -> str:
    return f"{day(of)} {of.year}"


async def whole(tx: Tx, call: Call, who: Youth) -> Said:
    """Everything that staff may see of a youth without reading an answer."""
    known = await facts(tx, call, who)
    coming = [
        m
        for m in await appointment.listed(tx, youth_id=who.id, since=call.now)
        if m.state == "planned"
    ]
    waiting = await planned.waiting(tx, call.now, call.settings, youth_id=who.id)
    told = known | {
        "appointments": [
            {"id": str(m.id), "starts_at": m.local, "answer": m.answer} for m in coming
        ],
        "messages": [p.facts for p in waiting],
    }
    meetings = (
        "\n".join(f"  {m.id}  {day_and_time(m.local, today=call.now)}" for m in coming) or "  aucun"
    )
    phones = await contact.of_youth(tx, who.id)
    educator = await staff.get(tx, who.educator_id)
    return Said(
        told,
        "\n\n".join(
            [
                f"{who.nickname} ({who.code})\n"
                + table(("quoi", "ce qui est noté"), _lines(known, who, educator, phones)),
                f"Rendez-vous à venir\n{meetings}",
                planned.seen(waiting, who.nickname),
            ]
        ),
    )


def reach_words(known: dict[str, Any]) -> str:
    return "clos" if known["closed_at"] else REACH[known["reach"]].lower()


def _said(yes: bool, again: bool) -> str:
    return "à redemander" if again else "oui" if yes else "non"


def _lines(
    known: dict[str, Any], who: Youth, educator: Staff, phones: list[Contact]
) -> list[tuple[str, str]]:
    given = ", ".join(
        f"{PURPOSES[p].lower()} {_said(yes, p in known['to_ask_again'])}"
        for p, yes in known["consents"].items()
    )
    if not given and phones and phones[-1].state == "unconfirmed":
        given = "ses réponses vaudront dès que les deux mots seront confirmés"
    lines = [
        ("né ou née en", f"{month(who.birth_month)} ({known['age']} ans)"),
        ("va à l'école", "oui" if who.school_aged else "non"),
        ("langue", _LANGUAGES.get(who.language, who.language)),
        *([("on lui dit", known["form"])] if who.language == "fr" else []),
        ("structure", known["structure"]),
        ("référent ou référente", f"{educator.name} ({educator.login})"),
        ("joignable", reach_words(known)),
        *(("téléphone", f"{_PHONE[p.state]}, deux mots : {p.words}") for p in phones),
        ("accords", given or "rien n'a encore été demandé"),
    ]
    if known["regime"] == "parental":
        lines.append(
            (
                "accord d'un parent",
                "noté"
                if known["parental_agreement"]
                else f"à noter : relais youth agree {who.code}",
            )
        )
    if who.support_ends_on:
        lines.append(("fin prévue", long_day(who.support_ends_on)))
    if known["closes_on"]:
        lines.append(("clos sans changement", long_day(known["closes_on"])))
    return lines
