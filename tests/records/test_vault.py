"""Sealed fields: bound to their place, opened by several keys, refused by a wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import Unusable
from records.vault import Vault, new_key

KEY = new_key()
VAULT = Vault(KEY)


@given(st.text(), st.integers(0, 2**62))
def test_what_is_sealed_opens_again(words: str, row: int) -> None:
    assert VAULT.open("inbox.text", row, VAULT.seal("inbox.text", row, words)) == words


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed = VAULT.seal("inbox.text", 1, "secret")
    with pytest.raises(Unusable, match="sealed_value_altered"):
        VAULT.open("inbox.text", 2, sealed)


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(Unusable, match="sealed_value_altered"):
        VAULT.open("youth.nickname", 1, VAULT.seal("inbox.text", 1, "secret"))


def test_another_key_is_told_from_an_altered_value() -> None:
    with pytest.raises(Unusable, match="key_wrong"):
        Vault(new_key()).open("inbox.text", 1, VAULT.seal("inbox.text", 1, "secret"))


def test_during_a_rotation_both_keys_open_and_the_first_seals() -> None:
    new = new_key()
    both = Vault(f"{new},{KEY}")
    assert both.open("inbox.text", 1, VAULT.seal("inbox.text", 1, "before")) == "before"
    assert Vault(new).open("inbox.text", 1, both.seal("inbox.text", 1, "after")) == "after"


def test_an_address_is_found_under_every_key_and_kept_under_the_first() -> None:
    new = new_key()
    both = Vault(f"{new},{KEY}")
    kept = VAULT.index("contact.address", "42")
    assert both.indexes("contact.address", "42") == (
        Vault(new).index("contact.address", "42"),
        kept,
    )
    assert both.index("contact.address", "42") != kept


def test_a_key_given_twice_counts_once() -> None:
    assert len(Vault(f"{KEY}, {KEY}").indexes("contact.address", "42")) == 1


def test_a_value_tells_whether_it_is_still_to_be_sealed_again() -> None:
    both = Vault(f"{new_key()},{KEY}")
    assert both.is_current(both.seal("inbox.text", 1, "oui"))
    assert not both.is_current(VAULT.seal("inbox.text", 1, "oui"))


def test_a_file_s_key_is_another_for_each_salt_and_unknown_to_other_keys() -> None:
    [named] = VAULT.key_ids
    first, second = (VAULT.derived(named, "backup", salt) for salt in (b"1" * 16, b"2" * 16))
    assert first != second
    assert Vault(f"{new_key()},{KEY}").derived(named, "backup", b"1" * 16) == first
    with pytest.raises(Unusable, match="key_wrong"):
        Vault(new_key()).derived(named, "backup", b"1" * 16)


def test_the_same_words_are_never_sealed_alike() -> None:
    assert VAULT.seal("inbox.text", 1, "oui") != VAULT.seal("inbox.text", 1, "oui")


@pytest.mark.parametrize("text", ["", "abc", "rk1_", "rk1_short", "rk1_" + "é" * 43])
def test_what_is_not_a_key_is_refused(text: str) -> None:
    with pytest.raises(Unusable, match="key_malformed"):
        Vault(text)
