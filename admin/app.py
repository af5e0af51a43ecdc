"""The desk, wired: every page with its way in, on one screen. Who may take it: `records.access`."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from admin import (
    answers,
    conversation,
    evaluation,
    french,
    meetings,
    messages,
    outcomes,
    refusals,
    sentences,
    signin,
    team,
    today,
    wording,
    youth,
    youths,
)
from admin.guard import Headers, Page, reached_by
from admin.visit import Desk
from records import access
from records.database import Database

HERE = Path(__file__).parent


class _Row(IntegerConvertor):
    """A row's identifier: a longer number is no address of ours."""

    regex = "[0-9]{1,19}"


register_url_convertor("row", _Row())


def desk(
    database: Database,
    now: Callable[[], datetime],
    real_now: Callable[[], datetime],
    *,
    secure_cookies: bool,
    may_be_framed: bool = False,
    invite_link: Callable[[int, str], Awaitable[str] | str],
    wake: Callable[[], None],
    extra_routes: Collection[BaseRoute] = (),
    demo_note: str | None = None,
) -> Starlette:
    """`invite_link` makes the address that a youth opens from a bot and a token; `wake` is
    called after a commit that queued something, so that delivery looks at once."""
    house = Desk(
        database,
        now,
        real_now,
        secure_cookies,
        may_be_framed,
        invite_link,
        wake,
        demo_note,
        _pages(demo_note),
    )
    app = Starlette(
        routes=[*extra_routes, *routes()],
        middleware=[Middleware(Headers, may_be_framed=may_be_framed)],
        exception_handlers=refusals.BY_KIND,
    )
    app.state.desk = house
    return app


def routes() -> list[BaseRoute]:
    """Every address of the desk. `page` shows, `form` shows and takes, `act` only takes."""
    one = "/jeunes/{youth_id:row}"
    meeting = f"{one}/rendez-vous/{{meeting_id:row}}"
    sent = f"{one}/envois/{{message_id:row}}"
    return [
        Mount("/static", _Static(directory=HERE / "static"), name="static"),
        Route("/connexion", signin.sign_in, methods=["GET", "POST"], name="signin.sign_in"),
        Route("/deconnexion", signin.sign_out, methods=["POST"], name="signin.sign_out"),
        page("/", today.home),
        page("/jeunes", youths.caseload),
        form("/jeunes/nouveau", youths.add),
        page(one, youth.show),
        act(f"{one}/confirmer", youth.confirm),
        act(f"{one}/delier", youth.unlink),
        act(f"{one}/invitation", youth.invite),
        form(f"{one}/accord", youth.agreement),
        page(f"{one}/messages", conversation.show),
        act(f"{one}/repondre", conversation.reply),
        page(f"{one}/reponses", answers.show),
        form(f"{one}/rendez-vous/nouveau", meetings.add),
        form(f"{meeting}/deplacer", meetings.move),
        form(f"{meeting}/annuler", meetings.cancel),
        form(f"{one}/message", messages.write),
        form(f"{one}/proposer", messages.offer),
        act(f"{sent}/annuler", messages.cancel),
        act(f"{sent}/incertain", messages.decide),
        page("/equipe", team.show),
        page("/evaluation", evaluation.show),
        page("/evaluation.csv", evaluation.table),
    ]


def page(path: str, shown: Page) -> Route:
    return _route(path, shown, ["GET"])


def form(path: str, taken: Page) -> Route:
    return _route(path, taken, ["GET", "POST"])


def act(path: str, done: Page) -> Route:
    return _route(path, done, ["POST"])


def _route(path: str, to: Page, methods: list[str]) -> Route:
    """Named after its function: « youth.show » has its line in the matrix, or the desk is not
    opened."""
    return Route(path, reached_by(to, access.line(_name(to))), methods=methods, name=_name(to))


def _name(of: Callable[..., object]) -> str:
    return f"{of.__module__.rpartition('.')[2]}.{of.__name__}"


@cache
def _pages(demo_note: str | None) -> Environment:
    """Compiled once, however many desks are opened."""
    made = Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        wording.gettext, wording.ngettext, newstyle=True
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals |= {
        "demo_note": demo_note,
        "asset": _asset,
        "french": french,
        "status": outcomes.status,
        "reason_words": outcomes.reason_words,
        "outcome": sentences.outcome,
    }
    return made


def _asset(name: str) -> str:
    """An address that changes with the file, so that browsers may keep it for long."""
    if name not in _assets:
        _assets[name] = blake2b((HERE / "static" / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={_assets[name]}"


_assets: dict[str, str] = {}


class _Static(StaticFiles):
    """Files that change only with the program: kept by browsers, unlike pages."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        found = await super().get_response(path, scope)
        found.headers["Cache-Control"] = "public, max-age=604800"
        return found


__all__ = ["Request", "desk", "routes"]
