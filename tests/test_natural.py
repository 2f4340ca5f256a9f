"""The order in which lists of names are shown."""

import pytest

from spl_kedro.natural import in_natural_order


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["1", "10", "100", "2"], ["1", "2", "10", "100"]),
        (
            ["case10_b", "case9", "case10_a", "case010"],
            ["case9", "case010", "case10_a", "case10_b"],
        ),
        (["b2", "A10", "a9"], ["a9", "A10", "b2"]),
        (["2", "x", "", "1a"], ["", "1a", "2", "x"]),
        ([10, 9], [9, 10]),
    ],
)
def test_numbers_in_names_count_as_numbers(names, shown):
    assert in_natural_order(names) == shown
    assert in_natural_order(reversed(names)) == shown


def test_names_that_compare_alike_keep_one_order_whatever_came_first():
    # Fault: a page that changes with the order of a set.
    assert in_natural_order(["P1", "p1", "p01"]) == in_natural_order(["p01", "p1", "P1"])
