import pytest
from pydantic import ValidationError

from spl_kedro.multiclass import ClassSettings


def test_nothing_is_declared_by_default():
    assert ClassSettings().column is None
    assert ClassSettings().names == []


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ({"a": ["x"], "b": ["y"]}, "needs 3 or more"),
        ({"a": ["x"], "b": ["y"], "c": []}, "classes.c has no word"),
        ({"a": ["x"], "b": ["y"], "c": ["X"]}, "the word 'X' stands under a and under c"),
    ],
)
def test_classes_that_are_none_are_refused(classes, told):
    with pytest.raises(ValidationError, match=told):
        ClassSettings(column="tissue", classes=classes)
