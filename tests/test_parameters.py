import pytest
from pydantic import Field, ValidationError

from spl_kedro.parameters import Settings


class Inner(Settings):
    fraction: float = Field(0.2, gt=0, lt=0.9)


class Outer(Settings):
    inner: Inner = Inner()
    folds: int = Field(5, ge=2)


def test_a_value_out_of_range_is_named_with_its_allowed_range():
    with pytest.raises(
        ValidationError, match=r"inner\.fraction\n.*allowed is more than 0 and less than 0\.9"
    ):
        Outer(inner={"fraction": 2})


def test_a_lower_bound_alone_is_given_alone():
    with pytest.raises(ValidationError, match=r"folds\n.*allowed is at least 2"):
        Outer(folds=1)


def test_a_misspelt_key_is_named_with_the_nearest_known_one():
    with pytest.raises(ValidationError, match=r"unknown key 'fractoin'\. Did you mean 'fraction'"):
        Outer(inner={"fractoin": 0.1})


def test_equal_settings_have_equal_fingerprints_and_others_do_not():
    assert Outer().fingerprint() == Outer(folds=5).fingerprint()
    assert Outer().fingerprint() != Outer(folds=6).fingerprint()


def test_settings_cannot_be_changed_after_they_were_checked():
    with pytest.raises(ValidationError):
        Outer().folds = 3
