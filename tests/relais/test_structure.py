"""relais structure: every setting is written, shown and explained; what cannot be is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from records import structure
from records.database import Tx
from tests.relais.conftest import TOKEN, CommandLine, link_phone

OTHER_TOKEN = "888000:another-token-on-loopback"


def test_a_structure_opens_with_the_usual_settings(empty: CommandLine) -> None:
    made = empty.ok("structure", "add", "Les Passerelles", "--kind", "prevention_specialisee")
    assert made["zone"] == "Europe/Paris"
    assert made["windows"]["school_day"] == ["17:00", "19:30"]
    assert made["telegram_minimum_age"] == 18
    assert made["missing"] == ["alert_rule", "bot"]
    assert made["alert_rule"] == {}
    assert isinstance(made["id"], str)


def test_every_setting_can_be_given_at_once(empty: CommandLine) -> None:
    made = empty.ok(
        "structure",
        "add",
        "Ti Kaz",
        "--kind",
        "csapa",
        "--zone",
        "Indian/Reunion",
        "--school-zone",
        "none",
        "--holidays",
        "reunion",
        "--reading-hours",
        "lun-jeu 8h-16h",
        "--reading-hours",
        "ven 8h-12h",
        "--windows",
        "school_day=16:00-18:30",
        "--windows",
        "saturday=none",
        "--alert-rule",
        "all=ask",
        "--alert-rule",
        "suicide=tell",
        "--alert-rule",
        "violence:under_15=tell",
        "--ladder",
        "now,1d,3h",
        "--weekly-budget",
        "3",
        "--telegram-minimum-age",
        "16",
        "--consent-age",
        "13",
        "--form",
        "vous",
        "--bot-token",
        TOKEN,
    )
    assert made == made | {
        "name": "Ti Kaz",
        "kind": "csapa",
        "zone": "Indian/Reunion",
        "school_zone": "none",
        "holidays": "reunion",
        "ladder": ["now", "1d", "3h"],
        "weekly_budget": 3,
        "telegram_minimum_age": 16,
        "consent_age": 13,
        "form": "vous",
        "missing": [],
        "alert_rule_chosen": True,
        "bot": {"username": None, "state": "ok"},
    }
    assert made["reading_hours"] == {
        **{str(d): ["08:00", "16:00"] for d in range(1, 5)},
        "5": ["08:00", "12:00"],
    }
    assert made["windows"] == {
        "school_day": ["16:00", "18:30"],
        "weekday": ["10:00", "19:30"],
        "saturday": None,
    }
    rule = made["alert_rule"]
    assert len(rule) == 20
    assert {key for key, choice in rule.items() if choice == "tell"} == {
        "suicide:under_15",
        "suicide:15_17",
        "violence:under_15",
    }


def test_what_was_chosen_is_kept_when_something_else_is_set(cli: CommandLine) -> None:
    cli.ok("structure", "set", "--windows", "saturday=none", "--holidays", "guadeloupe")
    changed = cli.ok(
        "structure",
        "set",
        "les passerelles",
        "--alert-rule",
        "street=tell",
        "--windows",
        "weekday=9h-18h",
        "--name",
        "La Passerelle",
    )
    assert changed["name"] == "La Passerelle"
    assert changed["windows"]["saturday"] is None
    assert changed["windows"]["weekday"] == ["09:00", "18:00"]
    assert changed["holidays"] == "guadeloupe"
    assert changed["alert_rule"]["street:15_17"] == "tell"
    assert changed["alert_rule"]["debts:15_17"] == "ask"
    back = cli.ok(
        "structure",
        "set",
        "--windows",
        "saturday=default",
        "--holidays",
        "none",
        "--reading-hours",
        "none",
        "--ladder",
        "none",
        "--school-zone",
        "b",
    )
    assert back["windows"]["saturday"] == ["10:00", "19:00"]
    assert (back["holidays"], back["reading_hours"], back["ladder"]) == ("none", {}, [])
    assert back["school_zone"] == "B"


@pytest.mark.parametrize("hours", ["6:00-9:00", "17:00-22:00", "0:00-23:59"])
def test_nothing_can_be_made_to_leave_at_night(cli: CommandLine, hours: str) -> None:
    refused = cli.refused("structure", "set", "--windows", f"weekday={hours}")
    assert "Rien ne part la nuit : une plage d'envoi tient entre 7 h et 21 h" in refused


def test_a_structure_overseas_has_its_own_calendars(cli: CommandLine) -> None:
    set_ = cli.ok(
        "structure",
        "set",
        "--zone",
        "America/Miquelon",
        "--school-zone",
        "Saint-Pierre",
        "--holidays",
        "saint-pierre",
    )
    assert (set_["school_zone"], set_["holidays"]) == ("saint-pierre", "saint-pierre")
    shown = cli.said("structure", "show")
    assert "Saint-Pierre-et-Miquelon (saint-pierre), vacances inconnues" in shown
    assert "ne reçoivent rien avant 17 h" in shown
    cli.ok("structure", "set", "--school-zone", "c", "--holidays", "none")
    shown = cli.said("structure", "show")
    assert "C, vacances connues jusqu'au 31/08/2028" in shown
    assert "ne reçoivent rien" not in shown


def test_showing_says_what_still_misses_and_gives_an_example(empty: CommandLine) -> None:
    empty.ok("structure", "add", "Les Passerelles", "--kind", "cjc", "--alert-rule", "all=ask")
    text = empty.said("structure", "show")
    assert "du lundi au vendredi, de 9 h à 18 h" in text
    assert "idées suicidaires (suicide)" in text
    assert "Exemple, pour un rendez-vous mercredi" in text
    assert "jeune scolarisé : rappel mardi" in text
    assert "Il manque le bot" in text
    assert "Il manque la règle d'alerte" not in text
    empty.ok("structure", "add", "Ailleurs", "--kind", "autre")
    text = empty.said("structure", "show", "Ailleurs")
    assert "Il manque la règle d'alerte" in text
    assert "à choisir" in text


def test_windows_and_reminders_are_shown_in_words(cli: CommandLine) -> None:
    text = cli.said("structure", "set", "--ladder", "now,7d,1d,3h", "--windows", "weekday=9h-18h")
    assert "tout de suite (now), 7 jours avant (7d), la veille (1d), 3 h avant (3h)" in text
    assert "de 9 h à 18 h" in text
    assert "fuseau horaire" not in text
    assert "de 17 h à 19 h 30" in cli.said("structure", "show")


def test_the_state_of_a_bot_is_shown_in_words(cli: CommandLine) -> None:
    async def taken(tx: Tx) -> None:
        [bot] = await structure.bots(tx)
        await structure.set_bot_state(tx, datetime.now(UTC), bot.id, "conflict")

    cli.look(taken)
    assert "(un autre programme reçoit à sa place)" in cli.said("structure", "list")


def test_structures_are_listed(cli: CommandLine) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "autre")
    assert [s["name"] for s in cli.ok("structure", "list")] == ["Ailleurs", "Les Passerelles"]
    text = cli.said("structure", "list")
    assert "@relais_test_bot" in text
    assert "à compléter" in text


def test_a_bot_token_is_never_said_again(empty: CommandLine) -> None:
    ran = empty.run(
        "structure", "add", "A", "--kind", "cjc", "--bot-token-stdin", stdin=f"{TOKEN}\n"
    )
    assert ran.status == 0
    for arguments in (
        ("structure", "show"),
        ("structure", "show", "--json"),
        ("structure", "list", "--json"),
    ):
        ran = empty.run(*arguments)
        assert TOKEN not in ran.out + ran.err
        assert TOKEN.partition(":")[2] not in ran.out


async def _bots(tx: Tx) -> list[structure.Bot]:
    return await structure.bots(tx)


def test_a_structure_has_its_own_bot_and_gives_it_to_no_other(cli: CommandLine) -> None:
    cli.ok("structure", "add", "Ailleurs", "--kind", "autre", "--bot-token", OTHER_TOKEN)
    assert len(cli.look(_bots)) == 2
    assert cli.ok("structure", "show", "Les Passerelles")["bot"]["username"] == "relais_test_bot"
    assert cli.ok("structure", "show", "Ailleurs")["bot"]["username"] is None


def test_changing_the_bot_says_what_it_asks_of_the_phones(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    assert "nouveau lien" in cli.said("structure", "set", "--bot-token", OTHER_TOKEN)


def test_changing_the_bot_asks_nothing_when_no_phone_is_linked(cli: CommandLine, sami: str) -> None:
    link_phone(cli, sami)
    cli.ok("youth", "unlink", sami)
    text = cli.said("structure", "set", "--bot-token", OTHER_TOKEN)
    assert "nouveau lien" not in text
    renewed = f"{OTHER_TOKEN.partition(':')[0]}:renewed-by-botfather"
    text = cli.said("structure", "set", "--bot-token", renewed)
    assert "relais run" in text
    assert "nouveau lien" not in text


def test_a_token_that_was_renewed_keeps_the_same_bot(cli: CommandLine) -> None:
    [before] = cli.look(_bots)
    renewed = f"{TOKEN.partition(':')[0]}:renewed-by-botfather"
    cli.ok("structure", "set", "--bot-token-stdin", stdin=renewed)
    [after] = cli.look(_bots)
    assert (after.id, after.username) == (before.id, before.username)
    assert after.token == renewed


def test_the_token_of_the_settings_seeds_the_first_bot(empty: CommandLine) -> None:
    empty.set(TELEGRAM_TOKEN=TOKEN)
    assert empty.ok("structure", "add", "A", "--kind", "cjc")["missing"] == ["alert_rule"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--zone", "Europe/Lutèce"), "Ce fuseau horaire n'existe pas : Europe/Lutèce"),
        (("--school-zone", "D"), "Cette zone scolaire n'existe pas"),
        (("--holidays", "bretagne"), "« bretagne » n'existe pas"),
        (("--reading-hours", "tous les jours"), "lun-ven 9:00-18:00"),
        (("--windows", "sunday=10:00-12:00"), "school_day, weekday, saturday"),
        (("--windows", "saturday"), "school_day=17:00-19:30"),
        (("--windows", "saturday=12:00-10:00"), "plage d'heures"),
        (("--windows", "saturday=none", "--windows", "weekday=none"), "rien ne partirait jamais"),
        (("--alert-rule", "all"), "CATÉGORIE=ask"),
        (("--alert-rule", "all=maybe"), "CATÉGORIE=ask"),
        (("--alert-rule", "theft=ask"), "Catégories : all, suicide"),
        (("--alert-rule", "suicide:18=ask"), "Âges : under_15, 15_17"),
        (("--ladder", "1d,2x"), "Ce rappel n'existe pas : 2x"),
        (("--ladder", "１d"), "Ce rappel n'existe pas : １d"),
        (("--ladder", f"{'9' * 5000}d"), "Ce rappel n'existe pas"),
        (("--ladder", ""), "Il manque un rappel"),
        (("--ladder", "1d,,3h"), "Il manque un rappel"),
        (("--zone", ""), "Il manque le fuseau horaire"),
        (("--school-zone", ""), "Il manque la zone scolaire"),
        (("--weekly-budget", "99"), "de 0 à 50 messages"),
        (("--weekly-budget", "beaucoup"), "« beaucoup » ne va pas"),
        (("--telegram-minimum-age", "3"), "de 12 à 25 ans"),
        (("--consent-age", "30"), "de 12 à 18 ans"),
        (("--form", "on"), "« on » n'existe pas"),
        (("--bot-token", "mon-bot"), "Ce n'est pas un jeton de bot"),
        (("--bot-token", "123456:ABC DEF/GHI?JKL"), "Ce n'est pas un jeton de bot"),
        (("--bot-token", ""), "Ce n'est pas un jeton de bot"),
        (("--bot-token", TOKEN, "--bot-token-stdin"), "ne va pas avec"),
        (("--name", "x" * 81), "80 caractères"),
        (("--name", "  "), "80 caractères"),
        ((), "Rien à changer"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_changes(
    cli: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    before: Any = cli.ok("structure", "show")
    assert said in cli.refused("structure", "set", *arguments)
    assert cli.ok("structure", "show") == before


def test_a_structure_needs_a_kind_and_a_name_of_its_own(cli: CommandLine) -> None:
    assert "--kind" in cli.refused("structure", "add", "Ailleurs")
    assert "porte déjà ce nom" in cli.refused(
        "structure", "add", "Les Passerelles", "--kind", "cjc"
    )
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    assert "porte déjà ce nom" in cli.refused(
        "structure", "set", "Ailleurs", "--name", "Les Passerelles"
    )


def test_a_structure_is_named_when_there_are_several(cli: CommandLine) -> None:
    assert "Cette structure n'existe pas" in cli.refused("structure", "show", "Nulle part")
    cli.ok("structure", "add", "Ailleurs", "--kind", "cjc")
    assert "Ailleurs, Les Passerelles" in cli.refused("structure", "show")


def test_without_any_structure_the_first_step_is_said(empty: CommandLine) -> None:
    assert "relais structure add" in empty.refused("structure", "show")


def test_the_help_explains_every_category_of_the_alert_rule(empty: CommandLine) -> None:
    text = empty.said("structure", "set", "--help")
    for category in structure.CATEGORIES:
        assert category in text
    assert "avant que tout le soit" in text


def test_a_rule_made_stricter_says_whom_it_does_not_bind_yet(cli: CommandLine) -> None:
    said = cli.said("structure", "set", "--alert-rule", "suicide=tell")
    assert "gardent la règle qu'ils ont lue" in said
    assert "gardent" not in cli.said("structure", "set", "--alert-rule", "suicide=ask")
