"""Every way in which a call to Telegram can end, each with its outcome (design § 4)."""

import json
from datetime import timedelta

import pytest

from bot.channel import (
    Gone,
    Later,
    Outcome,
    Refused,
    Revoked,
    Sent,
    TakenOver,
    Uncertain,
    Unreachable,
)
from bot.telegram_chat import TelegramChat
from dialogs.screen import Button, Screen
from records.reasons import Lost
from simulator import faults
from simulator.errors import ApiError
from simulator.faults import Fault
from tests.bot.conftest import Line
from tests.cast import TOKEN

UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
PERHAPS_LATER = Later(timedelta(seconds=5), "telegram_error", whole_bot=True, perhaps_sent=True)
HELLO = Screen("Salut <b> & toi", ((Button("Oui", ("want",)),),))


def error(code: int, description: str) -> Fault:
    body = {"ok": False, "error_code": code, "description": description}
    return faults.answer(code, json.dumps(body))


async def sent_with(line: Line, fault: Fault) -> Outcome:
    line.telegram.faults.plan("sendMessage", fault)
    return await line.channel.send(line.address, HELLO)


async def test_a_text_arrives_as_it_was_written(line: Line) -> None:
    outcome = await line.channel.send(line.address, HELLO)
    assert outcome == Sent(line.phone.last.id)
    assert line.phone.last.text == HELLO.text
    assert line.phone.last.labels == ["Oui"]
    assert not line.phone.last.protected
    assert line.telegram.transcript[-1].parameters["link_preview_options"] == {"is_disabled": True}


async def test_a_protected_screen_cannot_be_copied_on(line: Line) -> None:
    await line.channel.send(line.address, Screen("Entre nous", protect=True))
    assert line.phone.last.protected


async def test_the_menu_stays_under_the_conversation(line: Line) -> None:
    await line.channel.send(line.address, Screen("Voilà", menu=(("Mes RDV", "Aide"), ("Moi",))))
    assert line.phone.keyboard == [["Mes RDV", "Aide"], ["Moi"]]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (faults.flood(3), Later(timedelta(seconds=3), "rate_limited", whole_bot=True)),
        (faults.flood(7200), Later(timedelta(hours=2), "rate_limited", whole_bot=True)),
        (faults.flood(1 << 40), Later(timedelta(days=1), "rate_limited", whole_bot=True)),
        (
            error(429, "Too Many Requests"),
            Later(timedelta(seconds=1), "rate_limited", whole_bot=True),
        ),
        (
            faults.answer(429, '{"ok":false,"error_code":429,"parameters":{"retry_after":"soon"}}'),
            Later(timedelta(seconds=1), "rate_limited", whole_bot=True),
        ),
        (faults.server_error(500), PERHAPS_LATER),
        (faults.server_error(502), PERHAPS_LATER),
        (faults.server_error(403), PERHAPS_LATER),
        (error(500, "Internal Server Error"), PERHAPS_LATER),
        (faults.server_error(503), Later(timedelta(seconds=5), "telegram_error", whole_bot=True)),
        (error(400, "Bad Request: message text is empty"), Refused("message_refused")),
        (error(400, "Bad Request: message is too long"), Refused("too_long")),
        (error(400, "Bad Request: PEER_ID_INVALID"), Refused("chat_not_found", phone_lost=True)),
        (error(400, 'Bad Request: unsupported tag "Léa"'), Refused("message_refused")),
        (error(413, "Request Entity Too Large"), Refused("message_refused")),
        (error(403, "Forbidden: MESSAGE_AUTHOR_REQUIRED"), Refused("message_refused")),
        (error(403, "Forbidden: something new"), Refused("forbidden", phone_lost=True)),
        (error(400, "Bad Request: chat not found"), Refused("chat_not_found", phone_lost=True)),
        (error(403, "Forbidden: bot was blocked by the user"), Refused("blocked", phone_lost=True)),
        (error(403, "Forbidden: user is deactivated"), Refused("deactivated", phone_lost=True)),
        (
            error(403, "Forbidden: bot can't initiate conversation with a user"),
            Refused("never_started", phone_lost=True),
        ),
        (
            faults.answer(400, json.dumps(ApiError(400, UPGRADED, migrate_to=-1001).body)),
            Refused("chat_migrated", phone_lost=True),
        ),
    ],
)
async def test_each_refusal_has_its_outcome(line: Line, fault: Fault, outcome: Outcome) -> None:
    assert await sent_with(line, fault) == outcome


@pytest.mark.parametrize(
    "fault",
    [
        faults.reset(),
        faults.lose_reply(),
        faults.malformed(),
        faults.answer(200, "<html></html>"),
        faults.answer(200, '{"ok":true,"result":{"message_id":"?"}}'),
    ],
)
async def test_a_lost_reply_is_uncertain(line: Line, fault: Fault) -> None:
    assert isinstance(await sent_with(line, fault), Uncertain)


async def test_what_never_left_is_for_later(line: Line) -> None:
    nobody = TelegramChat(1, "777000:test-token-on-loopback-only", "http://127.0.0.1:9")
    outcome = await nobody.send(line.address, HELLO)
    await nobody.close()
    assert isinstance(outcome, Later)
    assert outcome.whole_bot


@pytest.mark.parametrize(
    ("happens", "reason"), [("block", "blocked"), ("delete_account", "deactivated")]
)
async def test_a_phone_that_is_gone_is_lost(line: Line, happens: str, reason: Lost) -> None:
    getattr(line.phone, happens)()
    assert await line.channel.send(line.address, HELLO) == Refused(reason, phone_lost=True)


async def test_somebody_who_never_started_is_lost(line: Line) -> None:
    other = line.telegram.person("Inconnu")
    outcome = await line.channel.send(str(other.id), HELLO)
    assert isinstance(outcome, Refused)
    assert outcome.phone_lost


async def test_an_edit_changes_the_message_and_the_same_edit_again_is_fine(line: Line) -> None:
    made = await line.channel.send(line.address, HELLO)
    assert isinstance(made, Sent)
    for _ in range(2):
        assert await line.channel.edit(line.address, made.message_id, Screen("Autre")) == made
    assert line.phone.last.text == "Autre"
    assert line.phone.last.labels == []


async def test_an_edit_of_what_is_gone_says_so(line: Line) -> None:
    assert await line.channel.edit(line.address, 4242, HELLO) == Gone()


@pytest.mark.parametrize("code", [401, 404])
async def test_a_token_that_opens_nothing_is_revoked(line: Line, code: int) -> None:
    said = {401: "Unauthorized", 404: "Not Found"}[code]
    line.telegram.faults.plan("sendMessage", error(code, said))
    with pytest.raises(Revoked):
        await line.channel.send(line.address, HELLO)
    wrong = TelegramChat(1, "777000:some-other-token-entirely", line.api)
    with pytest.raises(Revoked):
        await wrong.fetch(None, timedelta(0))
    await wrong.close()


async def test_another_poller_takes_over(line: Line) -> None:
    line.telegram.faults.plan("getUpdates", error(409, "Conflict: terminated by other getUpdates"))
    with pytest.raises(TakenOver):
        await line.channel.fetch(None, timedelta(0))


@pytest.mark.parametrize(
    "fault",
    [
        faults.server_error(502),
        faults.flood(3),
        faults.reset(),
        faults.malformed(),
        faults.answer(200, '{"ok":true}'),
        faults.answer(200, '{"ok":true,"result":{}}'),
        faults.answer(200, "[]"),
        faults.answer(200, "[" * 100_000),
    ],
)
async def test_a_fetch_that_fails_confirms_nothing_and_loses_nothing(
    line: Line, fault: Fault
) -> None:
    line.phone.say("Salut")
    line.telegram.faults.plan("getUpdates", fault)
    with pytest.raises(Unreachable):
        await line.channel.fetch(None, timedelta(0))
    assert [came.text for came in await line.channel.fetch(None, timedelta(0))] == ["Salut"]


async def test_a_call_that_hangs_is_given_up(line: Line) -> None:
    line.phone.say("Salut")
    line.telegram.faults.plan("getUpdates", faults.hang())
    line.telegram.faults.plan("sendMessage", faults.hang())
    hasty = TelegramChat(1, TOKEN, line.api, patience=0.2)
    with pytest.raises(Unreachable):
        await hasty.fetch(None, timedelta(0))
    assert await hasty.send(line.address, HELLO) == Uncertain("no_reply")
    assert [came.text for came in await hasty.fetch(None, timedelta(0))] == ["Salut"]
    await hasty.close()


async def test_only_what_is_before_the_offset_is_confirmed(line: Line) -> None:
    line.phone.say("un")
    line.phone.say("deux")
    first, second = await line.channel.fetch(None, timedelta(0))
    again = await line.channel.fetch(second.update_id, timedelta(0))
    assert (first.text, [came.text for came in again]) == ("un", ["deux"])


async def test_an_answer_to_a_tap_that_is_lost_does_no_harm(line: Line) -> None:
    for fault in (faults.server_error(), faults.reset(), faults.malformed()):
        line.telegram.faults.plan("answerCallbackQuery", fault)
        await line.channel.answer_tap("1", "Trop tard")


async def test_no_error_names_the_token(line: Line) -> None:
    nobody = TelegramChat(1, "777000:test-token-on-loopback-only", "http://127.0.0.1:9")
    with pytest.raises(Unreachable) as failure:
        await nobody.fetch(None, timedelta(0))
    await nobody.close()
    assert "777000" not in repr(failure.value)
    assert failure.value.__cause__ is None
