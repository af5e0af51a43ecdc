"""The desk, wired: every page with its way in, on one screen. Who may take it: `records.access`."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from email.message import EmailMessage
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
    alerts,
    answers,
    conversation,
    courses,
    endings,
    evaluation,
    factor,
    french,
    library,
    mail,
    meetings,
    messages,
    notice,
    outcomes,
    prove,
    readmission,
    refusals,
    second_step,
    sentences,
    signin,
    takeaway,
    team,
    today,
    wording,
    youth,
    youths,
)
from admin.guard import Headers, Page, headers, reached_by
from admin.hosts import OwnHost
from admin.visit import Desk, Post
from records import access
from records.database import Database
from records.mail_server import MailServer
from records.passwords import password_matches

HERE = Path(__file__).parent
BOTH = ["GET", "POST"]


class _Row(IntegerConvertor):
    """A row's identifier: a longer number is no address of ours."""

    regex = "[0-9]{1,19}"


register_url_convertor("row", _Row())


async def nobody_posts(_server: MailServer, _letter: EmailMessage) -> str:
    """A desk that was given no way to send e-mail."""
    return "no_server"


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
    address: str = "",
    post: Post = nobody_posts,
    password_matches: Callable[[str, str], bool] = password_matches,
    host: str = "",
    patience: float = 10.0,
) -> Starlette:
    """`invite_link` makes the address that a youth opens from a bot and a token; `wake` is
    called after a commit that queued something, so that delivery looks at once. `post` sends one
    e-mail, in which `address` is where the desk is. `host` is the desk's own name, where it has
    one: asked for by another, its pages are not there."""
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
        address,
        post,
        password_matches,
        host,
        patience,
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
        Mount("/static", _Static(directory=HERE / "static"), name="static"),
        Route(
            "/information/{structure_id:row}/{age}",
            notice.shown(_asset),
            methods=["GET"],
            name="notice.show",
        ),
        Route(
            f"{takeaway.PATH}/{{token:str}}",
            takeaway.show,
            methods=["GET", "POST"],
            name="takeaway.show",
        ),
        Route("/connexion", signin.sign_in_page, methods=BOTH, name="signin.sign_in"),
        Route("/connexion/code", second_step.code_page, methods=BOTH, name="second_step.code_page"),
        Route("/deconnexion", signin.sign_out, methods=["POST"], name="signin.sign_out"),
        page("/compte", account.show),
        form(prove.PATH, prove.show, settles="any"),
        form("/compte/mot-de-passe", account.password, fresh=True, settles="password"),
        form("/compte/second-facteur", factor.show, fresh=True, settles="second_factor"),
        act("/compte/second-facteur/retirer", factor.remove, fresh=True),
        act("/compte/codes", factor.renew_codes, fresh=True),
        act("/compte/sessions/{session_id:row}/fermer", account.close, fresh=True),
        act("/compte/sessions/fermer", account.close_others, fresh=True),
        page("/", today.home),
        page("/jeunes", youths.caseload),
        form("/jeunes/nouveau", youths.add),
        page(one, youth.show),
        act(f"{one}/confirmer", youth.confirm),
        act(f"{one}/delier", youth.unlink),
        act(f"{one}/invitation", youth.invite),
        form(f"{one}/accord", youth.agreement),
        form(f"{one}/accord/retrait", youth.disagreement),
        form(f"{one}/fin", endings.change),
        act(f"{one}/alertes/{{alert_id:row}}", alerts.answer),
        page(f"{one}/messages", conversation.show),
        act(f"{one}/repondre", conversation.reply),
        page(f"{one}/reponses", answers.show),
        form(f"{one}/rendez-vous/nouveau", meetings.add),
        form(f"{meeting}/deplacer", meetings.move),
        form(f"{meeting}/annuler", meetings.cancel),
        form(f"{one}/message", messages.write),
        form(f"{one}/proposer", messages.offer),
        page(f"{one}/parcours", courses.show),
        form(f"{one}/parcours/nouveau", courses.propose),
        act(f"{one}/parcours/changer", courses.change),
        act(f"{sent}/annuler", messages.cancel),
        act(f"{sent}/incertain", messages.decide),
        page("/bibliotheque", library.show),
        form("/bibliotheque/{name}", library.play),
        page("/equipe", team.show),
        form("/equipe/{staff_id:row}/connexion", readmission.show, fresh=True),
        form("/compte/e-mails", mail.show, fresh=True),
        form("/compte/e-mails/confirmer", mail.confirm),
        act("/compte/e-mails/essai", mail.test, fresh=True),
        act("/compte/e-mails/oublier", mail.forget, fresh=True),
        page("/evaluation", evaluation.show),
        page("/evaluation.csv", evaluation.table, fresh=True),
    ]


def page(path: str, shown: Page, **asks: Any) -> Route:
    """`fresh=True`: only for whoever has just proved who they are (`admin.guard.reached_by`)."""
    return _route(path, shown, ["GET"], asks)


def form(path: str, taken: Page, **asks: Any) -> Route:
    return _route(path, taken, BOTH, asks)


def act(path: str, done: Page, **asks: Any) -> Route:
    return _route(path, done, ["POST"], asks)


def _route(path: str, to: Page, methods: list[str], asks: dict[str, Any]) -> Route:
    """Named after its function: « youth.show » has its line in the matrix, or the desk is not
    opened."""
    reach = reached_by(to, access.line(_name(to)), **asks)
    return Route(path, reach, methods=methods, name=_name(to))


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
        if found.headers.get("content-type") == "image/svg+xml":
            found.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
        return found


__all__ = ["Request", "desk", "routes"]
