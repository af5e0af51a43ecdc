"""Settings from the environment: each with its meaning, checked once, secrets masked when shown."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from records.errors import Unusable
from records.vault import Vault
from relais.database_address import database_address
from relais.os_errors import in_french


class SettingError(Exception):
    """A setting is missing or wrong; the text is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `read` turns its text into its value, or raises ValueError with a sentence."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    default: str | None = None
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"RELAIS_{self.name}"


def _text(value: str) -> str:
    return value


def _key_in_file(part: str) -> str:
    """One of the keys, as it is or read from its file."""
    if not part.startswith("file:"):
        return part
    path = Path(part.removeprefix("file:"))
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as failure:
        raise ValueError(
            f"le fichier de clé {path} ne se lit pas ({in_french(failure)}) ; "
            "vérifiez son chemin et ses droits"
        ) from None


def _key(value: str) -> str:
    value = ",".join(_key_in_file(part.strip()) for part in value.split(","))
    try:
        Vault(value)
    except Unusable:
        raise ValueError("ce n'est pas une clé : faites-en une avec « relais key new »") from None
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket left open, a port that is none
        right = False
    if not right or re.search(r"[\s\x00-\x1f]", value):
        raise ValueError("il faut une adresse qui commence par http:// ou https://")
    return value.rstrip("/")


def _webhook(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(_url(value))
    if parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return value.rstrip("/")  # a Bot API server of one's own, or the simulated one
    if parts.scheme != "https" or parts.port not in (None, 443, 80, 88, 8443):
        raise ValueError("Telegram demande https:// et le port 443, 80, 88 ou 8443")
    if parts.query or parts.fragment:
        raise ValueError("il faut une adresse sans « ? » ni « # »")
    return value.rstrip("/")


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    right = host and re.fullmatch(r"\d{1,5}", port, re.ASCII) and int(port) <= 65535
    if not right or re.search(r"\s", host):
        raise ValueError("il faut une adresse et un port, par exemple 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _perhaps_address(value: str) -> tuple[str, int] | None:
    return _address(value) if value else None


def _networks(value: str) -> list[str]:
    """Addresses, or whole networks, as they are compared with."""
    try:
        return [str(ip_network(one.strip())) for one in value.split(",") if one.strip()]
    except ValueError:
        raise ValueError("il faut des adresses IP, par exemple 127.0.0.1, 172.17.0.0/16") from None


def _folder(value: str) -> Path | None:
    if not value:
        return None
    if not Path(value).is_dir():
        raise ValueError("ce dossier n'existe pas")
    return Path(value)


def _file(value: str) -> Path | None:
    if not value:
        return None
    if Path(value).is_dir():
        raise ValueError("c'est un dossier, et il faut un fichier")
    return Path(value)


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("il faut DEBUG, INFO, WARNING ou ERROR")
    return value.upper()


def _token(value: str) -> str:
    if value and not re.fullmatch(r"\d{1,16}:[\w-]{10,}", value, re.ASCII):
        raise ValueError("ce n'est pas un jeton de bot (123456:ABC…), tel que BotFather le donne")
    return value


SETTINGS = (
    Setting(
        "KEY",
        "la clé qui scelle les données, ou « file:CHEMIN » ; pendant un changement de "
        "clé, deux, séparées par une virgule : la nouvelle d'abord (relais key rotate)",
        _key,
        secret=True,
    ),
    Setting(
        "DATABASE",
        "la base de données : sqlite:///fichier.db ou postgresql://…",
        database_address,
        "sqlite:///relais.db",
    ),
    Setting(
        "TELEGRAM_TOKEN",
        "le jeton du premier bot, donné par BotFather ; gardé scellé dans la base ensuite",
        _token,
        "",
        secret=True,
    ),
    Setting("TELEGRAM_API", "l'adresse du serveur Bot API", _url, "https://api.telegram.org"),
    Setting(
        "TELEGRAM_WEBHOOK",
        "l'adresse publique en https où Telegram livre lui-même ce qui arrive ; vide, Relais va "
        "le chercher",
        _webhook,
        "",
    ),
    Setting("DESK_ADDRESS", "où le bureau écoute, adresse:port", _address, "127.0.0.1:8080"),
    Setting(
        "DESK_URL",
        "l'adresse publique du bureau ; en https, les cookies sont réservés à https, et le bureau "
        "ne répond qu'à ce nom",
        _url,
        "http://127.0.0.1:8080",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "les adresses du serveur web placé devant le bureau, séparées par des virgules : lui seul "
        "est cru quand il dit d'où vient une visite (X-Forwarded-For)",
        _networks,
        "127.0.0.1, ::1",
    ),
    Setting(
        "BOT_ADDRESS",
        "où « relais bot » et « relais deliver » disent comment ils vont (/healthz, /metrics), et "
        "où le premier reçoit ce que Telegram livre, adresse:port ; vide : nulle part",
        _perhaps_address,
        "",
    ),
    Setting("CONTENT", "un autre dossier de contenus que celui du programme", _folder, ""),
    Setting(
        "ERASED",
        "le fichier scellé où est tenue, hors de la base, la liste de ce qui a été effacé ; "
        "vide : à côté du fichier SQLite, et nulle part avec PostgreSQL",
        _file,
        "",
    ),
    Setting("LOG_LEVEL", "ce que dit le journal : DEBUG, INFO, WARNING ou ERROR", _level, "INFO"),
)


class Settings:
    """The settings of one environment. A value is read when it is asked for, so that a command
    needs only its own."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def __getitem__(self, name: str) -> Any:
        setting = next(s for s in SETTINGS if s.name == name)
        text = self._environment.get(setting.variable, setting.default)
        if text is None or (setting.default is None and not text):
            raise SettingError(f"Il manque le réglage {setting.variable} : {setting.meaning}.")
        try:
            return setting.read(text)
        except ValueError as failure:
            raise SettingError(f"Le réglage {setting.variable} ne va pas : {failure}.") from None

    def check(self) -> None:
        """Read them all: whoever starts the whole program needs every one."""
        for setting in SETTINGS:
            self[setting.name]

    def shown(self) -> list[dict[str, str]]:
        """Each setting with its meaning and present value, secrets masked."""
        return [
            {"name": s.variable, "meaning": s.meaning, "value": self._shown(s)} for s in SETTINGS
        ]

    def _shown(self, setting: Setting) -> str:
        text = self._environment.get(setting.variable)
        if text is None:
            return f"{setting.default} (par défaut)" if setting.default else "(absent)"
        if setting.secret:
            return "••••" if text else "(absent)"
        if setting.name == "DATABASE":
            try:
                return make_url(text).render_as_string(hide_password=True)
            except (ArgumentError, ValueError):
                return "(illisible)"
        return text
