"""RELAIS_DATABASE, read and checked: what SQLAlchemy would choke on later is refused here.

A refusal is a ValueError whose text continues « Le réglage RELAIS_DATABASE ne va pas : ».
"""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
# asyncpg names « ssl » what libpq names « sslmode ».
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
OPTIONS = ("host", "port", "sslmode", "ssl", "prepared_statement_cache_size")


def database_address(text: str) -> str:
    """The address with the driver that the program uses."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(
            "ce n'est pas une adresse de base (exemple : sqlite:///relais.db)"
        ) from None
    driver = DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise ValueError("il faut une base sqlite:///… ou postgresql://…")
    read = _sqlite(url) if driver.startswith("sqlite") else _postgresql(url)
    return read.set(drivername=driver).render_as_string(hide_password=False)


def _sqlite(url: URL) -> URL:
    file = url.database or ""
    if url.host or url.username or url.port:
        raise ValueError(
            "un fichier s'écrit avec trois barres : sqlite:///relais.db, ou quatre pour un "
            "chemin entier : sqlite:////srv/relais/relais.db"
        )
    if not file or file == ":memory:" or file.startswith("file:"):
        raise ValueError("il faut un fichier, par exemple sqlite:///relais.db")
    if url.query:
        raise ValueError(
            f"« {next(iter(url.query))} » ne va pas : une base SQLite n'a pas d'option"
        )
    if Path(file).is_dir():
        raise ValueError(f"{file} est un dossier, et il faut un fichier")
    return url


def _postgresql(url: URL) -> URL:
    if url.port is not None and not 1 <= url.port <= 65535:
        raise ValueError("le port d'une base va de 1 à 65535")
    for name, value in url.query.items():
        if name not in OPTIONS:
            raise ValueError(f"l'option « {name} » n'est pas connue. Au choix : {_list(OPTIONS)}")
        if isinstance(value, tuple):
            raise ValueError(f"l'option « {name} » est donnée deux fois")  # noqa: TRY004
        if name in ("ssl", "sslmode") and value not in SSL_MODES:
            raise ValueError(f"« {name} » ne peut valoir que : {_list(SSL_MODES)}")
        if name in ("port", "prepared_statement_cache_size") and not _small_number(value):
            raise ValueError(f"« {name} » est un nombre")
    if "sslmode" not in url.query:
        return url
    if "ssl" in url.query:
        raise ValueError("donnez « sslmode » ou « ssl », pas les deux")
    query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    return url.set(query=query)


def _small_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)
