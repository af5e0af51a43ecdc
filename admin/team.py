"""« Équipe », for coordination: who is followed by whom. Codes and counts, never an answer."""

from starlette.responses import Response

from admin import trouble
from admin.visit import Visit
from records import staff, unanswered, youth

PAGE = 300


async def show(visit: Visit) -> Response:
    asked = visit.request.query_params.get("apres", "")
    after = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    async with visit.database.read() as tx:
        of = await visit.structure(tx)
        wrong = await trouble.of_the_bot(tx, visit, of)
        everybody = await staff.listed(tx, of.id)
        unmailed = await trouble.of_the_server(tx, visit)
        people = [p for p in everybody if p.role == "educator"]
        untold = await trouble.of_the_teams_mail(tx, visit, people)
        followed = await youth.followed(tx, of.id)
        codes = await youth.codes(tx, of.id, after=after, limit=PAGE)
        late = await unanswered.overdue(tx, of.id)
    names = {person.id: person.name for person in people}
    by_educator: dict[int, list[str]] = {person.id: [] for person in people}
    for _id, code, educator_id in codes:
        by_educator.setdefault(educator_id, []).append(code)
    return visit.page(
        "team.html",
        of=of,
        trouble=wrong,
        unmailed=unmailed,
        untold=untold,
        people=people,
        colleagues=[p for p in everybody if p.id != visit.me.id and p.disabled_at is None],
        followed=followed,
        codes=by_educator,
        unanswered=[
            (code, names.get(educator, "?"), at.astimezone(of.tz)) for code, educator, at in late
        ],
        total=sum(followed.values()),
        later=codes[-1][0] if len(codes) == PAGE else 0,
        after=after,
    )
