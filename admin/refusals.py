"""The calm pages: not found, refused, too large, out of order, the database away."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from admin import prove
from admin.forms import FormTooLarge, FormTooSlow, NotAForm
from admin.guard import PostRefused, SignInFirst, headers
from admin.signin import interrupted
from admin.visit import Desk, PageNotFound, ProofNeeded, Visit
from admin.wording import _, marked
from records.database import is_trouble

log = logging.getLogger("relais.desk")

_WORDS = {
    403: (
        marked("Cet envoi n'a pas été accepté"),
        marked(
            "La page était ouverte depuis longtemps, ou l'envoi ne venait pas d'elle. Rien n'a été enregistré. Revenez en arrière, rechargez la page, puis recommencez."
        ),
    ),
    404: (
        marked("Cette page n'existe pas"),
        marked(
            "L'adresse est peut-être incomplète, ou la page n'est pas pour votre compte. Repartez de l'accueil."
        ),
    ),
    405: (
        marked("Cette page n'existe pas"),
        marked(
            "L'adresse est peut-être incomplète, ou la page n'est pas pour votre compte. Repartez de l'accueil."
        ),
    ),
    408: (
        marked("L'envoi n'est pas arrivé jusqu'au bout"),
        marked(
            "La connexion est peut-être trop lente. Rien n'a été enregistré. Revenez en arrière, puis recommencez."
        ),
    ),
    413: (
        marked("C'est trop long"),
        marked(
            "Ce formulaire contient plus de texte qu'il ne peut en garder. Revenez en arrière et raccourcissez."
        ),
    ),
    415: (
        marked("Relais ne prend pas de fichier"),
        marked(
            "Seul ce qui s'écrit dans un formulaire est lu. Rien n'a été enregistré. Revenez en arrière, puis recommencez."
        ),
    ),
    421: (
        marked("Ce n'est pas l'adresse du bureau"),
        marked(
            "Ouvrez le bureau à l'adresse que votre structure vous a donnée. Si c'est bien celle-ci, prévenez la personne qui a installé Relais."
        ),
    ),
    500: (
        marked("Quelque chose n'a pas marché"),
        marked(
            "Ce n'est pas de votre fait, et rien n'a été enregistré à moitié. Attendez une minute, puis réessayez. Si cela se répète, prévenez la personne qui a installé Relais."
        ),
    ),
    503: (
        marked("Relais n'est pas disponible pour l'instant"),
        marked(
            "La base de données est occupée ou arrêtée, ou son disque est plein. Rien n'a été enregistré, et rien n'est perdu de ce qui l'était. Attendez une minute, revenez en arrière, puis réessayez. Si cela dure, prévenez la personne qui a installé Relais."
        ),
    ),
}


def _page(request: Request, status: int, visit: Visit | None = None) -> Response:
    """`visit` when somebody is signed in: their menu then stays."""
    desk: Desk = request.app.state.desk
    title, words = _WORDS.get(status, _WORDS[500])
    html = desk.pages.get_template("refusal.html").render(
        title=_(title),
        words=_(words),
        me=visit and visit.me,
        csrf=visit and visit.session.csrf,
    )
    return HTMLResponse(html, status, headers=headers(desk.may_be_framed, desk.secure_cookies))


def _always(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, failure: Exception) -> Response:
        if status < 500:
            log.warning("refused: %s", type(failure).__name__)
        return _page(request, status)

    return answer


async def _http(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    if failure.status_code == 421:
        log.warning("refused: the desk was asked for by another name")
    return _page(request, 404 if failure.status_code == 405 else failure.status_code)


async def _not_found(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, PageNotFound)
    return _page(request, 404, failure.visit)


async def _database_away(request: Request, failure: Exception) -> Response:
    """Gone, locked or full: what was asked is right, and may be asked again."""
    if not is_trouble(failure):
        raise failure
    log.warning("a page had to wait for the database: %s", type(failure).__name__)
    answer = _page(request, 503)
    answer.headers["Retry-After"] = "60"
    return answer


async def _sign_in_first(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, SignInFirst)
    return await interrupted(request.app.state.desk, request, failure.form)


BY_KIND: Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    PageNotFound: _not_found,
    PostRefused: _always(403),
    FormTooLarge: _always(413),
    FormTooSlow: _always(408),
    NotAForm: _always(415),
    ProofNeeded: prove.needed,
    SignInFirst: _sign_in_first,
    HTTPException: _http,
    DBAPIError: _database_away,
    PoolTimeout: _database_away,
    OSError: _database_away,
    Exception: _always(500),
}
