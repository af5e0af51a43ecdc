"""What comes by itself, and objectives, at the command line."""

import pytest

from tests.relais.conftest import CommandLine, link_phone


@pytest.fixture
def linked(cli: CommandLine, sami: str) -> str:
    link_phone(cli, sami)
    return sami


def test_a_structure_chooses_what_comes_by_itself(cli: CommandLine) -> None:
    shown = cli.ok("structure", "show")
    assert (shown["checkins"], shown["surveys"]) == ({}, {})
    made = cli.ok(
        "structure",
        "set",
        *("--checkins", "week=ven", "--checkins", "after=yes"),
        *("--surveys", "meeting=yes", "--surveys", "end=yes"),
    )
    assert made["checkins"] == {"week": 5, "after": True}
    assert made["surveys"] == {"meeting": True, "end": True}
    said = cli.said("structure", "show")
    assert "la semaine, le vendredi" in said
    assert "avant la fin prévue" in said
    made = cli.ok("structure", "set", "--checkins", "week=none", "--surveys", "end=none")
    assert made["checkins"] == {"after": True}
    assert made["surveys"] == {"meeting": True}


def test_what_cannot_be_chosen_is_refused_with_what_can(cli: CommandLine) -> None:
    for typed in ("week=yes", "before=ven", "nothing=yes", "week=", "before"):
        assert "mood, week" in cli.refused("structure", "set", "--checkins", typed), typed
    assert "satisfaction" in cli.refused("structure", "set", "--surveys", "meeting=ven")


def test_a_check_in_can_come_each_week_on_the_day_that_the_educator_chose(
    cli: CommandLine, linked: str
) -> None:
    made = cli.ok(
        "message", "schedule", linked, "--offer", "semaine", "--weekly", "--at", "vendredi 17h"
    )
    assert made["weekly"] is True
    assert "--weekly" in cli.refused(
        "message", "schedule", linked, "--offer", "ma-meteo", "--weekly"
    )


def test_three_objectives_at_most_are_set_from_a_list(cli: CommandLine, linked: str) -> None:
    listed = cli.ok("youth", "objective", "choices")
    first, second, third, fourth, *_ = listed
    for name in (first, second, third):
        cli.ok("youth", "objective", "set", linked, name)
    assert "3 objectifs" in cli.refused("youth", "objective", "set", linked, fourth)
    assert "déjà suivi" in cli.refused("youth", "objective", "set", linked, first)
    assert "liste" in cli.refused("youth", "objective", "set", linked, "arrêter la dope")
    ended = cli.ok("youth", "objective", "end", linked, first)
    assert [one["objective"] for one in ended if one["ended_on"] is None] == [second, third]
    assert "pas suivi" in cli.refused("youth", "objective", "end", linked, first)
    made = cli.ok("youth", "objective", "set", linked, fourth, "--on", "hier")
    assert made[-1]["objective"] == fourth
    assert listed[fourth] in cli.said("youth", "objective", "list", linked)


def test_an_objective_is_looked_at_after_it_was_set(cli: CommandLine, linked: str) -> None:
    assert "vient après" in cli.refused(
        *("youth", "objective", "set", linked, "sleep"),
        *("--on", "demain", "--review-on", "aujourd'hui"),
    )
