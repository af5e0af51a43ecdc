"""run, migrate, check, settings, key: an installation that is not right says so in one sentence."""

import asyncio
import json
import shutil
import socket
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

import content
from bot.telegram_hook import TelegramHook
from records import structure
from records.database import Database, Tx
from records.vault import PREFIX, Vault, new_key
from relais import __version__, checks, hook
from relais.checks import all_checks
from relais.settings import Settings
from simulator.server import bot_api, serving
from simulator.telegram import Telegram
from tests.conftest import KEY, postgres_url
from tests.relais.conftest import TOKEN, CommandLine


def path_of(line: CommandLine) -> Path:
    return Path(line.database.partition(":///")[2])


def everything_in(path: Path) -> list[str]:
    with sqlite3.connect(path) as opened:
        return list(opened.iterdump())


def test_settings_are_listed_with_their_meaning_and_secrets_masked(empty: CommandLine) -> None:
    empty.set(TELEGRAM_TOKEN=TOKEN, DATABASE="postgresql://nadia:tres-secret@db/relais")
    shown = {s["name"]: s for s in empty.ok("settings")}
    assert set(shown) >= {
        "RELAIS_KEY",
        "RELAIS_DATABASE",
        "RELAIS_TELEGRAM_TOKEN",
        "RELAIS_TELEGRAM_API",
        "RELAIS_DESK_ADDRESS",
    }
    assert all(s["meaning"] for s in shown.values())
    assert shown["RELAIS_KEY"]["value"] == shown["RELAIS_TELEGRAM_TOKEN"]["value"] == "••••"
    assert "par défaut" in shown["RELAIS_DESK_ADDRESS"]["value"]
    text = empty.said("settings")
    for secret in (TOKEN, "tres-secret", PREFIX):
        assert secret not in text


def test_settings_need_none_to_be_listed(empty: CommandLine) -> None:
    empty.unset("KEY")
    assert "(absent)" in empty.said("settings")


def test_a_new_key_works_as_the_setting(empty: CommandLine, tmp_path: Path) -> None:
    key = empty.said("key", "new").strip()
    Vault(key)
    assert key != empty.said("key", "new").strip()
    empty.set(KEY=key, DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert "Base mise à jour : révision 00" in empty.said("migrate")
    assert empty.ok("structure", "list") == []


def test_migrating_and_making_a_key_answer_in_json(empty: CommandLine, tmp_path: Path) -> None:
    key = empty.ok("key", "new")["key"]
    empty.set(KEY=key, DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert empty.ok("migrate")["applied"][0].startswith("0001")
    assert empty.ok("migrate") == {"applied": []}


def test_a_key_may_be_kept_in_a_file(empty: CommandLine, tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(f"{new_key()}\n", "utf-8")
    empty.set(KEY=f"file:{kept}", DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    empty.said("migrate")
    empty.set(KEY=f"file:{tmp_path / 'nowhere'}")
    refused = empty.refused("structure", "list")
    assert (
        f"le fichier de clé {tmp_path / 'nowhere'} ne se lit pas (ce fichier ou ce dossier n'existe pas)"
        in refused
    )


def test_two_keys_may_each_be_kept_in_a_file(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "new").write_text(f"{new_key()}\n", "utf-8")
    (tmp_path / "old").write_text(f"{KEY}\n", "utf-8")
    cli.set(KEY=f"file:{tmp_path / 'new'},file:{tmp_path / 'old'}")
    assert cli.ok("structure", "list")
    cli.set(KEY=f"file:{tmp_path / 'new'},file:{tmp_path / 'lost'}")
    assert f"{tmp_path / 'lost'} ne se lit pas" in cli.refused("structure", "list")


def test_a_file_that_holds_no_key_shows_nothing_of_itself(
    empty: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(b"\x9b secret")
    empty.set(KEY=f"file:{tmp_path / 'key'}")
    refused = empty.refused("structure", "list")
    assert "ce n'est pas du texte en UTF-8" in refused
    assert "9b" not in refused
    empty.set(KEY=f"file:{tmp_path}")
    assert "c'est un dossier, pas un fichier" in empty.refused("structure", "list")


def test_once_a_new_key_has_been_used_the_old_one_alone_is_refused(cli: CommandLine) -> None:
    newer = new_key()
    cli.set(KEY=newer)
    refused = cli.refused("structure", "list")
    assert "Cette clé n'ouvre pas cette base" in refused
    assert "la nouvelle d'abord" in refused
    cli.set(KEY=f"{newer},{KEY}")
    cli.ok("structure", "list")
    cli.set(KEY=KEY)
    assert "Cette clé n'ouvre pas cette base" in cli.refused("structure", "list")
    meaning = next(s["meaning"] for s in cli.ok("settings") if s["name"] == "RELAIS_KEY")
    assert "la nouvelle d'abord" in meaning


def test_migrating_twice_changes_nothing(empty: CommandLine, tmp_path: Path) -> None:
    empty.set(DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert "Base mise à jour" in empty.said("migrate")
    before = everything_in(tmp_path / "new.db")
    assert empty.said("migrate").strip() == "La base est déjà à jour."
    assert everything_in(tmp_path / "new.db") == before


@pytest.mark.parametrize("command", [("run",), ("migrate",), ("structure", "list")])
def test_a_missing_key_is_one_sentence(empty: CommandLine, command: tuple[str, ...]) -> None:
    empty.unset("KEY")
    assert "Il manque le réglage RELAIS_KEY" in empty.refused(*command)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEY", "rk1_court", "relais key new"),
        ("KEY", "pas une clé", "relais key new"),
        ("DATABASE", "relais.db", "ce n'est pas une adresse de base"),
        ("DATABASE", "mysql://db/relais", "sqlite:///… ou postgresql://…"),
        ("DATABASE", "sqlite://", "il faut un fichier"),
        ("DATABASE", "sqlite:///:memory:", "il faut un fichier"),
        ("DATABASE", "sqlite:///file:x?mode=ro&uri=true", "il faut un fichier"),
        ("DATABASE", "sqlite:///x.db?timeout=3", "« timeout »"),
        ("DATABASE", "sqlite://relais.db", "trois barres"),
        ("DATABASE", "sqlite:////tmp", "est un dossier"),
        ("DATABASE", "postgresql://u@h/d?connect_timeout=3", "« connect_timeout »"),
        ("DATABASE", "postgresql://u@h/d?sslmode=yes", "ne peut valoir que : disable"),
        ("DATABASE", "postgresql://u@h/d?sslmode=require&ssl=require", "pas les deux"),
        ("DATABASE", "postgresql://u@h/d?host=a&host=b", "deux fois"),
        ("DATABASE", "postgresql://u@h:99999/d", "de 1 à 65535"),
        ("DATABASE", "postgresql://u@h:port/d", "ce n'est pas une adresse de base"),
        ("DESK_URL", "ftp://x", "http:// ou https://"),
        ("DESK_URL", "http://[::1", "http:// ou https://"),
        ("DESK_URL", "http://x:99999", "http:// ou https://"),
        ("DESK_ADDRESS", f"127.0.0.1:{'9' * 5000}", "127.0.0.1:8080"),
        ("DESK_ADDRESS", "127.0.0.1:８080", "127.0.0.1:8080"),
        ("DESK_ADDRESS", "nowhere.invalid:8080", "ce nom de machine n'est pas connu"),
        ("DESK_ADDRESS", "192.0.2.1:8080", "cette machine n'a pas cette adresse"),
        ("TRUSTED_PROXIES", "proxy.example.org", "adresses IP"),
        ("LOG_LEVEL", "tout", "DEBUG, INFO"),
        ("TELEGRAM_TOKEN", "secret", "BotFather"),
        ("TELEGRAM_API", "ftp://x", "http:// ou https://"),
        ("TELEGRAM_WEBHOOK", "relais.example.org", "http:// ou https://"),
        ("TELEGRAM_WEBHOOK", "http://relais.example.org", "443, 80, 88 ou 8443"),
        ("TELEGRAM_WEBHOOK", "https://relais.example.org:8080", "443, 80, 88 ou 8443"),
        ("TELEGRAM_WEBHOOK", "https://relais.example.org/?a=1", "sans « ? » ni « # »"),
        ("DESK_ADDRESS", "8080", "127.0.0.1:8080"),
        ("CONTENT", "nowhere", "ce dossier n'existe pas"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    empty: CommandLine, name: str, value: str, said: str
) -> None:
    empty.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:1")
    empty.set(**{name: value})
    before = everything_in(path_of(empty))
    sentence = empty.refused("run")
    assert f"RELAIS_{name}" in sentence
    assert said in sentence
    assert value not in sentence or name != "TELEGRAM_TOKEN"
    assert everything_in(path_of(empty)) == before


def test_a_taken_address_says_where_to_choose_another(empty: CommandLine) -> None:
    empty.set(TELEGRAM_TOKEN=TOKEN, TELEGRAM_API="http://127.0.0.1:1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        empty.set(DESK_ADDRESS=f"127.0.0.1:{taken.getsockname()[1]}")
        refused = empty.refused("run")
    assert "n'est pas libre. Choisissez-en une autre dans RELAIS_DESK_ADDRESS." in refused


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-full"])
def test_the_ssl_mode_of_postgresql_reaches_its_driver(mode: str) -> None:
    read = Settings({"RELAIS_DATABASE": f"postgresql://u@h/d?sslmode={mode}"})["DATABASE"]
    assert read == f"postgresql+asyncpg://u@h/d?ssl={mode}"


@pytest.mark.postgres
def test_a_certificate_that_cannot_be_verified_is_one_sentence(
    empty: CommandLine, postgres: Any
) -> None:
    address = postgres_url(postgres, "template_relais")
    empty.set(DATABASE=f"{address}{'&' if '?' in address else '?'}sslmode=verify-full")
    assert "La base de données ne répond pas" in empty.refused("structure", "list")


def test_run_without_any_bot_is_refused(empty: CommandLine) -> None:
    assert "RELAIS_TELEGRAM_TOKEN" in empty.refused("run")


@pytest.mark.parametrize(
    "command",
    [
        ("migrate",),
        ("run",),
        ("structure", "list"),
        ("structure", "add", "Ailleurs", "--kind", "cjc"),
    ],
)
def test_a_wrong_key_is_refused_before_anything_is_written(
    cli: CommandLine, command: tuple[str, ...]
) -> None:
    before = everything_in(path_of(cli))
    cli.set(KEY=new_key())
    assert "Cette clé n'ouvre pas cette base" in cli.refused(*command)
    assert everything_in(path_of(cli)) == before


@pytest.mark.parametrize("command", [("migrate",), ("run",), ("youth", "list")])
def test_a_database_of_a_newer_version_is_refused(
    empty: CommandLine, command: tuple[str, ...]
) -> None:
    with sqlite3.connect(path_of(empty)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    before = everything_in(path_of(empty))
    assert "version plus récente" in empty.refused(*command)
    assert everything_in(path_of(empty)) == before


@pytest.mark.parametrize("command", [("run",), ("structure", "list"), ("youth", "list")])
def test_a_mistyped_database_is_not_created_but_by_migrating(
    empty: CommandLine, tmp_path: Path, command: tuple[str, ...]
) -> None:
    empty.set(DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    refused = empty.refused(*command)
    assert "n'existe pas encore" in refused
    assert "relais migrate" in refused
    assert empty.run("check").status == 1
    assert not (tmp_path / "new.db").exists()
    empty.said("migrate")
    assert empty.ok("structure", "list") == []


def test_a_database_that_was_never_migrated_is_refused(empty: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    empty.set(DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert "relais migrate" in empty.refused("structure", "list")


def test_a_database_out_of_reach_is_one_sentence(empty: CommandLine) -> None:
    for address in ("sqlite:////nowhere/at/all.db", "postgresql://x:y@127.0.0.1:1/relais"):
        empty.set(DATABASE=address)
        for command in (("migrate",), ("structure", "list")):
            assert "La base de données ne répond pas" in empty.refused(*command)


@pytest.mark.postgres
def test_a_postgresql_database_that_does_not_exist_is_one_sentence(
    empty: CommandLine, postgres: Any
) -> None:
    empty.set(DATABASE=postgres_url(postgres, "nowhere"))
    assert "La base de données ne répond pas" in empty.refused("structure", "list")


@pytest.fixture
def broken_folder(tmp_path: Path) -> Path:
    """The program's own content, with one step that leads nowhere."""
    folder = tmp_path / "content"
    shutil.copytree(
        Path(content.__file__).parent, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    script = folder / "scripts" / "satisfaction.yaml"
    script.write_text(script.read_text("utf-8").replace("kind: scale", "kind: balance", 1), "utf-8")
    return folder


def test_a_broken_content_file_keeps_the_program_from_starting(
    cli: CommandLine, broken_folder: Path
) -> None:
    cli.set(CONTENT=str(broken_folder), TELEGRAM_API="http://127.0.0.1:1")
    sentence = cli.refused("run")
    assert "scripts/satisfaction.yaml:" in sentence
    assert "balance" in sentence
    assert sentence.partition("satisfaction.yaml:")[2].partition(":")[0].isdecimal()


def test_a_broken_content_file_is_named_by_check(
    cli: CommandLine, broken_folder: Path, telegram: str
) -> None:
    cli.set(CONTENT=str(broken_folder), TELEGRAM_API=telegram)
    ran = cli.run("check")
    assert ran.status == 1
    assert "satisfaction.yaml" in ran.out
    assert ran.err == ""


def test_a_folder_without_what_the_program_names_keeps_it_from_starting(
    cli: CommandLine, tmp_path: Path, telegram: str
) -> None:
    (tmp_path / "textes" / "scripts").mkdir(parents=True)
    cli.set(CONTENT=str(tmp_path / "textes"), TELEGRAM_API=telegram)
    refused = cli.refused("run")
    assert "textes/scripts/enrolment.yaml" in refused
    ran = cli.run("check")
    assert (ran.status, "enrolment" in ran.out) == (1, True)


def test_a_broken_translation_keeps_the_program_from_starting(
    cli: CommandLine, tmp_path: Path, telegram: str
) -> None:
    (tmp_path / "textes" / "locale").mkdir(parents=True)
    (tmp_path / "textes" / "locale" / "en.po").write_text('msgid "Oui"\nmsgstr "Yes\n', "utf-8")
    cli.set(CONTENT=str(tmp_path / "textes"), TELEGRAM_API=telegram)
    assert "textes/locale/en.po:2:" in cli.refused("run")
    assert cli.run("check").status == 1


@pytest.mark.parametrize(
    ("state", "said"), [("conflict", "un autre programme reçoit"), ("revoked", "a été refusé")]
)
def test_check_does_not_tick_a_bot_that_relais_run_found_lost(
    cli: CommandLine, telegram: str, state: str, said: str
) -> None:
    async def lost(tx: Tx) -> None:
        [bot] = await structure.bots(tx)
        await structure.set_bot_state(tx, datetime.now(UTC), bot.id, state)

    cli.look(lost)
    cli.set(TELEGRAM_API=telegram)
    ran = cli.run("check")
    assert ran.status == 1
    assert "✗  Telegram     Telegram répond : @" in ran.out.replace("\u00a0", " ")
    assert said in ran.out


async def test_a_clock_that_was_not_compared_is_not_ticked(tmp_path: Path) -> None:
    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        settings = Settings(
            {
                "RELAIS_KEY": new_key(),
                "RELAIS_DATABASE": f"sqlite:///{tmp_path / 'none.db'}",
                "RELAIS_TELEGRAM_API": f"http://127.0.0.1:{port}",
            }
        )
        found = {c.name: c for c in await all_checks(settings, datetime.now(UTC))}
    assert found["horloge"].right is None
    assert found["base et clé"].right is False


def test_what_was_not_compared_changes_nothing_to_the_exit_status(
    cli: CommandLine, telegram: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answers(*_asked: object, **_more: object) -> list[checks.Check]:
        return [checks.Check("base", True, "Oui."), checks.Check("horloge", None, "Non comparée.")]

    monkeypatch.setattr(checks, "all_checks", answers)
    cli.set(TELEGRAM_API=telegram)
    assert cli.ok("check")[1]["right"] is None
    assert "–  horloge" in cli.said("check")


def test_check_finds_everything_right(cli: CommandLine, telegram: str) -> None:
    cli.set(TELEGRAM_API=telegram)
    checks = {c["name"]: c for c in cli.ok("check")}
    assert set(checks) == {
        "contenus",
        "base et clé",
        "vacances",
        "Telegram",
        "réception",
        "e-mail",
        "horloge",
    }
    assert checks.pop("e-mail")["right"] is None  # no server is set, and none has to be
    assert all(c["right"] for c in checks.values())


def test_check_says_where_school_holidays_are_not_known(cli: CommandLine, telegram: str) -> None:
    cli.set(TELEGRAM_API=telegram)
    cli.ok("structure", "set", "--school-zone", "mayotte", "--zone", "Indian/Mayotte")
    told = next(c for c in cli.ok("check") if c["name"] == "vacances")
    assert told["right"] is None
    assert "Les vacances scolaires, zone Mayotte (mayotte), ne sont pas connues" in told["sentence"]


@pytest.mark.parametrize(
    ("day", "known"),
    [(date(2028, 6, 1), True), (date(2028, 8, 1), False), (date(2030, 1, 1), False)],
)
def test_check_says_in_time_that_the_published_holidays_end(
    cli: CommandLine, telegram: str, day: date, known: bool
) -> None:
    cli.set(TELEGRAM_API=telegram)
    now = datetime.combine(day, datetime.min.time(), UTC)
    found = {c.name: c for c in asyncio.run(all_checks(Settings(), now))}
    assert bool(found["vacances"].right) is known
    assert ("jusqu'au 31/08/2028" in found["vacances"].sentence) is not known


def test_check_says_what_is_wrong_and_exits_with_one(empty: CommandLine) -> None:
    empty.set(KEY=new_key(), TELEGRAM_API="http://127.0.0.1:1", TELEGRAM_TOKEN=TOKEN)
    ran = empty.run("check")
    assert ran.status == 1
    assert "Cette clé n'ouvre pas cette base" in ran.out.replace("\u00a0", " ")


def test_check_says_that_telegram_is_out_of_reach(cli: CommandLine) -> None:
    cli.set(TELEGRAM_API="http://127.0.0.1:1")
    ran = cli.run("check")
    assert ran.status == 1
    assert "Telegram ne répond pas" in ran.out.replace("\u00a0", " ")


def test_the_version_and_the_help_are_said(empty: CommandLine) -> None:
    assert empty.said("--version").strip() == f"relais {__version__}"
    for noun in ((), ("structure",), ("structure", "set"), ("youth", "invite")):
        assert empty.said(*noun, "--help").startswith("usage :")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("youth",),
        ("jeunes",),
        ("youth", "erase"),
        ("youth", "list", "--foo"),
        ("staff", "add", "nadia"),
        ("structure", "add", "X", "--kind", "prison"),
    ],
)
def test_a_command_that_does_not_exist_is_one_sentence(
    empty: CommandLine, arguments: tuple[str, ...]
) -> None:
    assert "--help" in empty.refused(*arguments)


def test_bytes_that_are_not_text_are_one_sentence(cli: CommandLine) -> None:
    assert "UTF-8" in cli.refused("structure", "set", "--name", "caf\udce9")


PUBLIC = "https://relais.example.org"


def reception(line: CommandLine) -> tuple[bool | None, str]:
    ran = line.run("check", "--json")
    [found] = [c for c in json.loads(ran.out) if c["name"] == "réception"]
    return found["right"], found["sentence"].replace("\u00a0", " ")


def set_webhook(line: CommandLine, api: str, url: str) -> None:
    """As another program would, or an earlier run."""

    async def listen() -> None:
        hooked = TelegramHook(1, TOKEN, api, url=url, secret="s")
        await hooked.listen()
        await hooked.close()

    line.look(lambda _tx: listen())


def test_check_tells_how_the_bot_receives(cli: CommandLine, telegram: str) -> None:
    async def only(tx: Tx) -> int:
        [bot] = await structure.bots(tx)
        return bot.id

    cli.set(TELEGRAM_API=telegram)
    assert reception(cli) == (True, "Relais va chercher ce qui arrive.")
    ours = f"{PUBLIC}/telegram/{cli.look(only)}"
    cli.set(TELEGRAM_WEBHOOK=PUBLIC)
    assert reception(cli) == (None, f"Telegram livrera à {ours} dès que relais run sera lancé.")
    set_webhook(cli, telegram, ours)
    assert reception(cli) == (True, f"Telegram livre à {ours} ; rien n'attend.")
    set_webhook(cli, telegram, f"{PUBLIC}/ailleurs")
    right, said = reception(cli)
    assert (right, "Telegram livre ailleurs" in said) == (False, True)
    cli.unset("TELEGRAM_WEBHOOK")
    right, said = reception(cli)
    assert (right, "relais run le lui dira" in said) == (None, True)


async def test_check_says_what_telegram_says_is_wrong_with_the_address(cli: CommandLine) -> None:
    telegram = Telegram(lambda: datetime.now(UTC))
    bot = telegram.bot(TOKEN)
    opened = Database(cli.database, Vault(KEY))
    async with opened.read() as tx:
        [known] = await structure.bots(tx)
    await opened.close()
    async with serving(bot_api(telegram)) as api, serving(Starlette()) as nobody:
        settings = Settings(
            {
                "RELAIS_KEY": KEY,
                "RELAIS_DATABASE": cli.database.replace("+aiosqlite", ""),
                "RELAIS_TELEGRAM_API": api,
                "RELAIS_TELEGRAM_WEBHOOK": nobody,
            }
        )
        hooked = TelegramHook(1, TOKEN, api, url=hook.address(nobody, known.id), secret="s")
        await hooked.listen()
        telegram.person("Inconnu").start(bot)
        async with asyncio.timeout(10):
            while "last_error_date" not in await hooked.webhook():  # noqa: ASYNC110  Telegram's own
                await asyncio.sleep(0.01)
        found = {c.name: c for c in await all_checks(settings, datetime.now(UTC))}
        await hooked.close()
        await telegram.close()
    said = found["réception"].sentence.replace("\u00a0", " ")
    assert found["réception"].right is False
    assert "1 en attente : « Wrong response from the webhook: 404 Not Found »." in said
    assert "son certificat" in said


def test_settings_are_told_in_lines_that_a_terminal_shows_whole(cli: CommandLine) -> None:
    said = cli.said("settings")
    meanings = [line for line in said.splitlines() if line.startswith("    ")]
    assert meanings
    assert max(map(len, meanings)) <= 78
    assert "RELAIS_DATABASE = " in said


def test_a_new_sqlite_file_is_its_owners_alone(empty: CommandLine, tmp_path: Path) -> None:
    made = tmp_path / "private.db"
    empty.set(DATABASE=f"sqlite:///{made}")
    empty.said("migrate")
    assert made.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(made) as beside:
        beside.execute("PRAGMA journal_mode=WAL")
        beside.execute("CREATE TABLE any_other (id)")
        besides = [*tmp_path.glob("private.db-wal"), *tmp_path.glob("private.db-shm")]
        assert [one.stat().st_mode & 0o777 for one in besides] == [0o600, 0o600]
    beside.close()
