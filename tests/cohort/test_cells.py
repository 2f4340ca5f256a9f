import numpy as np
import pandas as pd
import pytest

from spl_kedro.cohort.cells import clean, parse_numbers, without_point_zero


def parsed(*cells):
    numbers, no_number, ambiguous = parse_numbers(pd.Series(cells, dtype="str"))
    return [
        "?" if doubt else "no" if bad else None if np.isnan(number) else number
        for number, bad, doubt in zip(numbers, no_number, ambiguous, strict=True)
    ]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.5", "2", ".5", "1e3", "-3.25", "−4"], [1.5, 2, 0.5, 1000, -3.25, -4]),
        (["12,5", "0,125", "3"], [12.5, 0.125, 3]),
        (["1 234", "1'234,5", "12 345.5"], [1234, 1234.5, 12345.5]),
        (["1.234.567", "1,234,567", "1,234.5", "1.234,5"], [1234567, 1234567, 1234.5, 1234.5]),
        (["old", "12 mm", "<5", "inf", "nan", "2024-01-05", "1,2,3"], ["no"] * 7),
        ([None, "4"], [None, 4]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, values):
    assert parsed(*cells) == values


@pytest.mark.parametrize(
    ("others", "comma", "point"),
    [
        ([], "?", 1.234),  # nothing says what the comma is; a point is a decimal mark
        (["12,5"], 1.234, 1234),
        (["12.5"], 1234, 1.234),
        (["12.5", "12,5"], "?", "?"),
    ],
)
def test_a_mark_before_three_digits_means_what_the_column_says_or_is_ambiguous(
    others, comma, point
):
    assert parsed("1,234", *others)[0] == comma
    assert parsed("1.234", *others)[0] == point


def test_invisible_marks_and_no_break_spaces_are_cleaned_away():
    assert clean("\ufeff\u00a0SPL\u00a01\u200b ") == "SPL 1"
    assert [clean(None), clean(float("nan")), clean(pd.NA)] == ["", "", ""]


def test_identifiers_written_as_decimals_lose_them_only_where_all_have_them():
    assert without_point_zero(pd.Series(["12.0", None, "7.0"])).tolist()[::2] == ["12", "7"]
    assert without_point_zero(pd.Series(["12.0", "7.1"])).tolist() == ["12.0", "7.1"]
    assert without_point_zero(pd.Series(["0012"])).tolist() == ["0012"]
