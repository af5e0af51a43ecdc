"""Identifiers order rows by age: messages of one commit leave in the order of their identifiers."""

from itertools import pairwise

from records.columns import new_id


def test_an_identifier_is_always_above_the_one_before() -> None:
    made = [new_id() for _ in range(50_000)]
    assert all(before < after for before, after in pairwise(made))
