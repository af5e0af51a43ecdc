"""The rules of a conversation, one by one, on a script with a step of each kind."""

import json

import pytest

from dialogs import engine
from dialogs.engine import State, Tap
from dialogs.screen import Screen
from dialogs.script import Script
from tests.dialogs.scripts import BRANCHING, EVERY_KIND, KEY, PHRASES, Hands, kept


def at(step: str, **answers: str) -> Hands:
    return Hands(state=State(step, turn=5, answers=answers))


def test_a_script_begins_at_its_first_step() -> None:
    hands = Hands()
    assert hands.turn.outcome == "asking"
    assert hands.screen.text == "Bonjour"
    assert hands.labels == ["Continuer", "Arrêter"]


def test_a_whole_script_is_played_to_its_card() -> None:
    hands = Hands()
    hands.tap("Continuer", "Moyen", "Marcher", "☐ Un ami", "☐ Un adulte", "Valider")
    turn = hands.write("  À mon rythme  ")
    assert turn.outcome == "done"
    assert hands.screen.text == (
        "Ta carte\n\nTon idée : partir marcher\nAvec : Un ami, Un adulte\n"
        "Tes mots : À mon rythme\n\nÀ toi."
    )
    assert hands.screen.rows == ()
    assert hands.saved == {
        "mood": "v2",
        "way": "walk",
        "who": "friend|adult",
        "words": "À mon rythme",
    }


def test_an_answer_can_lead_elsewhere() -> None:
    assert at("mood").tap("Bien").state.step == "who"
    assert at("mood").tap("Moyen").state.step == "way"


def test_a_double_tap_counts_once() -> None:
    hands = at("mood")
    tapped = hands.button("Mal")
    moved = hands.give(tapped).state
    again = hands.give(tapped)
    assert again.outcome == "stale"
    assert again.state == moved
    assert again.saved == ()
    assert again.screen is None


def test_a_button_of_an_earlier_screen_changes_nothing() -> None:
    hands = Hands()
    old = hands.button("Continuer")
    hands.tap("Continuer", "Moyen")
    before = hands.state
    assert hands.give(old).outcome == "stale"
    assert hands.state == before


@pytest.mark.parametrize("button", ["go", "3", "99", "-1", "on0", "off1", "done", "", "²", "stop "])
def test_a_button_that_was_never_offered_changes_nothing(button: str) -> None:
    hands = at("mood")
    before = hands.state
    assert hands.give(Tap(5, button)).outcome == "stale"
    assert hands.state == before


@pytest.mark.parametrize("button", ["on9", "off9", "on", "off", "0", "go"])
def test_a_tick_that_was_never_offered_changes_nothing(button: str) -> None:
    hands = at("who")
    assert hands.give(Tap(5, button)).outcome == "stale"
    assert hands.state.ticked == ()


def test_ticking_twice_is_ticked_and_unticking_twice_is_not() -> None:
    hands = at("who")
    on = hands.button("☐ Un ami")
    hands.give(on)
    assert hands.give(on).state.ticked == ("friend",)
    assert hands.state.turn == 5
    assert hands.turn.saved == ()
    off = hands.button("☑ Un ami")
    hands.give(off)
    assert hands.give(off).state.ticked == ()


def test_ticks_are_kept_in_the_order_of_the_list() -> None:
    hands = at("who")
    hands.tap("☐ Un adulte", "☐ Seul", "Valider")
    assert hands.saved == {"who": "alone|adult"}


def test_no_more_than_at_most_can_be_ticked() -> None:
    hands = at("who")
    hands.tap("☐ Seul", "☐ Un ami")
    turn = hands.tap("☐ Un adulte")
    assert turn.outcome == "too_many"
    assert turn.state.ticked == ("alone", "friend")
    assert hands.tap("☑ Seul", "☐ Un adulte").state.ticked == ("friend", "adult")


def test_ticking_again_at_the_limit_is_not_one_too_many() -> None:
    hands = at("who")
    hands.tap("☐ Seul")
    friend = hands.button("☐ Un ami")
    hands.give(friend)
    assert hands.give(friend).outcome == "asking"


def test_validating_nothing_is_passing() -> None:
    hands = at("who")
    assert hands.tap("Valider").saved == ()
    assert hands.state.step == "words"


def test_passing_forgets_what_was_ticked() -> None:
    hands = at("who")
    turn = hands.tap("☐ Seul", "Passer")
    assert turn.saved == ()
    assert turn.state.ticked == ()


@pytest.mark.parametrize("step", ["mood", "way", "who", "words"])
def test_every_question_can_be_passed(step: str) -> None:
    hands = at(step)
    turn = hands.tap("Passer")
    assert turn.saved == ()
    assert turn.state.step != step


def test_passing_can_lead_elsewhere() -> None:
    assert at("way").tap("Passer").state.step == "words"


@pytest.mark.parametrize("step", ["hello", "mood", "way", "who", "words"])
def test_stopping_is_offered_everywhere_and_keeps_the_place(step: str) -> None:
    hands = at(step, way="call")
    turn = hands.tap("Arrêter")
    assert turn.outcome == "stopped"
    assert hands.screen.text == "Mis de côté."
    assert turn.state == State(step, turn=5, answers={"way": "call"})


def test_a_stopped_script_resumes_where_it_stood() -> None:
    hands = Hands()
    hands.tap("Continuer", "Moyen", "Marcher", "Arrêter")
    later = Hands(state=kept(hands.state))
    assert later.screen.text == "Avec qui ?"
    assert later.labels == ["☐ Seul", "☐ Un ami", "☐ Un adulte", "Valider", "Passer", "Arrêter"]
    later.tap("☐ Seul", "Valider", "Passer")
    assert later.turn.outcome == "done"
    assert "Ton idée : partir marcher\nAvec : Seul\n" in later.screen.text


def test_the_end_offers_nothing_and_takes_nothing() -> None:
    hands = at("card")
    assert hands.labels == []
    for button in ("stop", "go", "skip", "0"):
        assert hands.give(Tap(5, button)).outcome == "stale"
    assert hands.write("encore").outcome == "unexpected"


def test_words_that_were_not_asked_change_nothing() -> None:
    hands = at("mood")
    turn = hands.write("Bien")
    assert turn.outcome == "unexpected"
    assert turn.state.step == "mood"


def test_words_too_long_are_refused_and_can_be_written_again() -> None:
    hands = at("words")
    assert hands.write("x" * 21).outcome == "too_long"
    assert hands.write("x" * 20 + "  ").outcome == "done"


def test_blank_words_are_no_answer() -> None:
    hands = at("words")
    assert hands.write(" \n ").outcome == "unexpected"
    assert hands.state.step == "words"


def test_words_are_asked_for_with_the_notice() -> None:
    hands = at("words")
    assert hands.screen.text == "Un mot ?\n\nN'écris ni nom, ni lieu, ni montant."
    assert engine.waits_for_words(EVERY_KIND, hands.state)
    assert not engine.waits_for_words(EVERY_KIND, State("mood"))


def test_a_line_without_its_answer_is_left_out() -> None:
    assert at("card", way="call").screen.text == "Ta carte\n\nTon idée : Appeler\n\nÀ toi."
    assert at("card").screen.text == "Ta carte\n\nÀ toi."


def test_what_someone_wrote_is_never_read_as_a_name_or_a_value() -> None:
    text = at("card", words="{way} walk|call", way="walk").screen.text
    assert "Tes mots : {way} walk|call" in text


def test_a_known_fact_is_named_as_it_is() -> None:
    script = _with_first_text("On lit {reading_hours}.\nBonjour")
    screen = Hands(script, known={"reading_hours": "le lundi"}).screen
    assert screen.text == "On lit le lundi.\nBonjour"


def test_buttons_stand_in_columns_with_the_ways_on_below() -> None:
    rows = [[b.label for b in row] for row in at("way").screen.rows]
    assert rows == [["Marcher", "Appeler"], ["Attendre"], ["Passer", "Arrêter"]]


def test_a_button_carries_its_conversation_its_turn_and_its_place() -> None:
    assert at("way").screen.rows[0][1].act == ("step", KEY, "5", "1")


def test_each_screen_has_a_turn_of_its_own() -> None:
    hands = Hands()
    turns = [hands.state.turn, hands.tap("Continuer").state.turn, hands.tap("Bien").state.turn]
    assert turns == [1, 2, 3]


def test_an_exercise_cannot_be_copied_on_and_an_enrolment_can() -> None:
    assert Hands().screen.protect
    assert not Hands(EVERY_KIND.model_copy(update={"kind": "enrolment"})).screen.protect


def test_an_enrolment_offers_no_stop_and_its_consents_no_pass() -> None:
    script = Script.model_validate(
        {
            "name": "bienvenue",
            "version": 1,
            "kind": "enrolment",
            "title": "Bienvenue",
            "minutes": 1,
            "first": "ask",
            "steps": {
                "ask": {
                    "kind": "choice",
                    "text": "Oui ?",
                    "required": True,
                    "save": "consent",
                    "next": "end",
                    "options": [{"value": "yes", "label": "Oui"}, {"value": "no", "label": "Non"}],
                },
                "end": {"kind": "end", "text": "Merci"},
            },
        }
    )
    hands = Hands(script)
    assert hands.labels == ["Oui", "Non"]
    for button in ("skip", "stop"):
        assert hands.give(Tap(1, button)).outcome == "stale"


def test_nothing_given_is_changed_in_place() -> None:
    state = State("mood", turn=5, answers={"way": "call"})
    engine.step(EVERY_KIND, state, Tap(5, "0"), PHRASES, KEY)
    assert state == State("mood", turn=5, answers={"way": "call"})


def _with_first_text(text: str) -> Script:
    hello = EVERY_KIND.steps["hello"].model_copy(update={"text": text})
    return EVERY_KIND.model_copy(update={"steps": EVERY_KIND.steps | {"hello": hello}})


def _to_the_branch(known: dict[str, str] | None = None, mood: str = "Mal") -> Hands:
    hands = Hands(BRANCHING, known=known)
    hands.tap(mood)
    if "Marcher" in hands.labels:
        hands.tap("Marcher")
    hands.tap("Passer")
    return hands


def test_a_branch_follows_what_was_said_here() -> None:
    hands = _to_the_branch()
    assert hands.state.step == "breathe"


def test_a_branch_follows_what_was_said_in_an_earlier_script() -> None:
    hands = _to_the_branch({"before": "l'orage", "before=": "storm"}, mood="Bien")
    assert hands.state.step == "breathe"


def test_a_branch_without_a_case_that_holds_goes_its_own_way() -> None:
    assert _to_the_branch(mood="Bien").state.step == "plan"
    assert _to_the_branch({"before": "le soleil", "before=": "sun"}, "Bien").state.step == "plan"


def test_a_countdown_is_one_message_whose_last_line_changes() -> None:
    shown = _to_the_branch().screen
    assert shown.text == "On souffle.\n\n●●\nInspire"
    assert [(at, text.rpartition("\n")[2]) for at, text in shown.frames] == [
        (4, "Souffle"),
        (10, "Inspire"),
        (14, "Souffle"),
        (20, "Voilà."),
    ]
    assert shown == Screen.from_json(json.loads(json.dumps(shown.to_json())))


def test_nobody_has_to_wait_for_a_countdown() -> None:
    hands = _to_the_branch()
    assert hands.labels == ["Continuer", "Arrêter"]
    assert hands.tap("Continuer").state.step == "plan"


def test_a_plan_comes_back_on_the_chosen_day() -> None:
    hands = _to_the_branch()
    hands.tap("Continuer")
    assert hands.labels == ["Demain", "Dans 3 jours", "Dans 7 jours", "Sans rappel", "Arrêter"]
    turn = hands.tap("Dans 3 jours")
    assert turn.remind == engine.Remind(3, "Si Mal, alors partir marcher.\nÀ toi.")
    assert turn.outcome == "done"


def test_a_plan_without_a_reminder_plans_nothing() -> None:
    hands = _to_the_branch()
    hands.tap("Continuer")
    assert hands.tap("Sans rappel").remind is None


@pytest.mark.parametrize("forged", ["in2", "in30", "in", "in-1", "go"])
def test_a_day_that_was_not_offered_is_no_plan(forged: str) -> None:
    hands = _to_the_branch()
    hands.tap("Continuer")
    turn = hands.give(engine.Tap(hands.state.turn, forged))
    assert (turn.outcome, turn.remind) == ("stale", None)
