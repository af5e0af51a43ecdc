"""Consents as a youth gives them: by purpose, each apart, effective in the same commit
(domain.md § 5.1), and under fifteen only together with a parent's agreement (§ 5.2)."""

from bot.visit import Visit
from records import consent

TEXT_VERSION = 1  # of the sentences by which consents are asked outside enrolment


async def record(visit: Visit, purpose: str, given: bool) -> None:
    await consent.record(
        visit.tx,
        visit.now,
        visit.who.youth,
        purpose,
        given,
        text_version=TEXT_VERSION,
        consent_age=visit.who.structure.consent_age,
        contact_id=visit.who.contact.id,
    )
    visit.who.given[purpose] = given


async def needs_parent(visit: Visit) -> bool:
    of = visit.who.structure
    return await consent.needs_parent(
        visit.tx, visit.who.youth, of.consent_age, visit.local_now.date()
    )
