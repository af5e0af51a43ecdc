"""What is stored about one person: all of it, opened, and whatever is added later with it."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

import content
from content import stored as in_words
from records import erasure, inbox, outgoing, reasons, retention, rights
from records.columns import key, link
from records.database import Database, metadata
from tests.cast import NOW, Cast
from tests.records.every_table import declared, fill


async def test_a_row_of_every_table_is_shown_and_nobody_elses(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await fill(tx, cast, cast.sami)
        await fill(tx, cast, cast.maya)
        whole = await rights.everything(tx, NOW, cast.sami.id)
    shown = {section.table: len(section.rows) for section in whole.sections}
    assert shown == {table.name: 1 for table in erasure.about_a_youth()}
    facts = json.loads(json.dumps(whole.facts()))
    assert facts["stored"]["youth"][0]["nickname"] == "Sami"
    assert facts["stored"]["youth"][0]["educator_id"] == "Nadia"
    assert "Maya" not in json.dumps(facts)


async def test_a_table_added_later_is_shown_too(database: Database, cast: Cast) -> None:
    badge = sa.Table(
        "badge", metadata, key(), link("youth_id", "youth"), sa.Column("colour", sa.String(8))
    )
    with declared(badge):
        async with database.engine.begin() as connection:
            await connection.run_sync(badge.create)
        async with database.write() as tx:
            await tx.run(badge.insert(), {"id": 1, "youth_id": cast.sami.id, "colour": "bleu"})
            whole = await rights.everything(tx, NOW, cast.sami.id)
            [shelf] = [
                one
                for one in in_words.shelves(
                    [(s.table, s.rows) for s in whole.sections], whole.read_by, "fr", whole.periods
                )
                if one.name == "badge"
            ]
            assert shelf.entries[0].lines == [("colour", "bleu")]
        async with database.engine.begin() as connection:
            await connection.run_sync(badge.drop)


def test_every_table_and_column_of_today_has_its_words() -> None:
    """One that lacks them is shown all the same; a youth reads better with them."""
    known = content.library().interface
    for table in erasure.about_a_youth():
        assert f"stored.table.{table.name}" in known
        assert f"stored.kept.{table.name}" in known
        for column in rights.shown(table):
            technical = column.name in in_words.TECHNICAL
            assert technical or f"stored.label.{column.name}" in known, f"{table}.{column.name}"


def test_every_kind_and_every_reason_of_today_is_said_in_words_and_in_both_languages() -> None:
    known = content.library()
    codes = {code for codes in reasons.BY_STATE.values() for code in codes}
    kinds = {*outgoing.KINDS, *inbox.KINDS}
    states = {"waiting", "claimed", *reasons.BY_STATE}
    keys = {
        *(f"stored.why.{code}" for code in codes),
        *(f"stored.is.{code}" for code in kinds | states),
    }
    assert keys <= set(known.interface)
    for key_ in keys:
        assert known.phrase(key_, "en")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text": "Je pense à toi."}, {"contenu": "Je pense à toi."}),
        ({"rung": "1d"}, {}),
        ({"say": "notice.transfer", "facts": {"before": "Nadia"}}, {}),
    ],
)
def test_only_an_educators_own_words_are_the_content_of_a_message(
    params: dict[str, object], said: dict[str, str]
) -> None:
    row = {
        "kind": "notice",
        "purpose": "messages",
        "state": "dropped",
        "reason": "cancelled_by_staff",
        "params": params,
    }
    kept = {period.name: timedelta(days=period.days) for period in retention.PERIODS.values()}
    [shelf, _] = in_words.shelves([("message", [row])], (), "fr", kept)
    lines = dict(shelf.entries[0].lines)
    assert {k: v for k, v in lines.items() if k == "contenu"} == said
    assert lines["quoi"] == "information de l'équipe"
    assert lines["raison"] == "L'équipe l'a annulé."
    assert lines["où ça en est"] == "pas envoyé"


async def test_sealed_words_are_opened_and_hashes_are_not_shown(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await fill(tx, cast, cast.sami)
        whole = await rights.everything(tx, NOW, cast.sami.id)
    [phone] = next(s.rows for s in whole.sections if s.table == "contact")
    assert "address_index" not in phone
    [link_] = next(s.rows for s in whole.sections if s.table == "invitation")
    assert "token" not in link_
