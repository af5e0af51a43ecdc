"""The desk, wired: every page with its way in and who may take it, on one screen."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from admin import (
    account,
    answers,
    conversation,
    evaluation,
    factor,
    french,
    meetings,
    messages,
    outcomes,
    prove,
    readmission,
    refusals,
    second_step,
    sentences,
    signin,
    team,
    today,
    wording,
    youth,
    youths,
)
from admin.guard import Headers, Page, headers, reached_by
from admin.hosts import OwnHost
from admin.visit import Desk
from records.database import Database
from records.passwords import password_matches

HERE = Path(__file__).parent
EDUCATOR, COORDINATOR, EVALUATOR = "educator", "coordinator", "evaluator"
EVERYONE = (EDUCATOR, COORDINATOR, EVALUATOR)


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
    password_matches: Callable[[str, str], bool] = password_matches,
    host: str = "",
) -> Starlette:
    """`invite_link` makes the address that a youth opens from a bot and a token; `wake` is
    called after a commit that queued something, so that delivery looks at once. `host` is the
    desk's own name, where it has one: asked for by another, its pages are not there."""
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
        password_matches,
        host,
    )
    # Addresses with a slash too many lead nowhere: a redirection would repeat whatever Host was sent.
    own = Router(routes(), redirect_slashes=False, middleware=[Middleware(OwnHost, host=host)])
    app = Starlette(
        routes=[*extra_routes, Mount("", own)],
        middleware=[Middleware(Headers, carried=headers(may_be_framed, secure_cookies))],
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
        Mount("/static", _Static(directory=HERE / "static")),
        Route("/connexion", signin.sign_in_page, methods=["GET", "POST"]),
        Route("/connexion/code", second_step.code_page, methods=["GET", "POST"]),
        Route("/deconnexion", signin.sign_out, methods=["POST"]),
        page("/compte", account.show, EVERYONE),
        form(prove.PATH, prove.show, EVERYONE, settles="any"),
        form("/compte/mot-de-passe", account.password, EVERYONE, fresh=True, settles="password"),
        form("/compte/second-facteur", factor.show, EVERYONE, fresh=True, settles="second_factor"),
        act("/compte/second-facteur/retirer", factor.remove, EVERYONE, fresh=True),
        act("/compte/codes", factor.renew_codes, EVERYONE, fresh=True),
        act("/compte/sessions/{session_id:row}/fermer", account.close, EVERYONE, fresh=True),
        act("/compte/sessions/fermer", account.close_others, EVERYONE, fresh=True),
        page("/", today.home, EVERYONE),
        page("/jeunes", youths.caseload, EDUCATOR),
        form("/jeunes/nouveau", youths.add, EDUCATOR),
        page(one, youth.show, EDUCATOR),
        act(f"{one}/confirmer", youth.confirm, EDUCATOR),
        act(f"{one}/delier", youth.unlink, EDUCATOR),
        act(f"{one}/invitation", youth.invite, EDUCATOR),
        form(f"{one}/accord", youth.agreement, EDUCATOR),
        page(f"{one}/messages", conversation.show, EDUCATOR),
        act(f"{one}/repondre", conversation.reply, EDUCATOR),
        page(f"{one}/reponses", answers.show, EDUCATOR),
        form(f"{one}/rendez-vous/nouveau", meetings.add, EDUCATOR),
        form(f"{meeting}/deplacer", meetings.move, EDUCATOR),
        form(f"{meeting}/annuler", meetings.cancel, EDUCATOR),
        form(f"{one}/message", messages.write, EDUCATOR),
        form(f"{one}/proposer", messages.offer, EDUCATOR),
        act(f"{sent}/annuler", messages.cancel, EDUCATOR),
        act(f"{sent}/incertain", messages.decide, EDUCATOR),
        page("/equipe", team.show, COORDINATOR),
        form("/equipe/{staff_id:row}/connexion", readmission.show, COORDINATOR, fresh=True),
        page("/evaluation", evaluation.show, EVALUATOR),
        page("/evaluation.csv", evaluation.table, EVALUATOR, fresh=True),
    ]


def page(path: str, shown: Page, roles: str | Collection[str], **asks: Any) -> Route:
    """`fresh=True`: only for whoever has just proved who they are (`admin.guard.reached_by`)."""
    return _route(path, shown, roles, ["GET"], **asks)


def form(path: str, taken: Page, roles: str | Collection[str], **asks: Any) -> Route:
    return _route(path, taken, roles, ["GET", "POST"], **asks)


def act(path: str, done: Page, roles: str | Collection[str], **asks: Any) -> Route:
    return _route(path, done, roles, ["POST"], **asks)


def _route(
    path: str, to: Page, roles: str | Collection[str], methods: list[str], **asks: Any
) -> Route:
    allowed = (roles,) if isinstance(roles, str) else tuple(roles)
    reach = reached_by(to, allowed, **asks)
    return Route(path, reach, methods=methods, name=f"{to.__module__}.{to.__name__}")


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
