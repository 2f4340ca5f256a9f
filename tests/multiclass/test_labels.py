import pandas as pd
import pytest
from tests.multiclass.conftest import class_settings

from spl_kedro.errors import UnusableStudyError
from spl_kedro.multiclass import lesion_classes, require_classes


def test_a_word_that_no_class_names_is_found_and_never_dropped_in_silence():
    lesions = pd.Index(["a", "b", "c", "d"])
    words = pd.Series({"a": "METASTASIS", "b": "abscess", "c": pd.NA, "z": "scar"}, dtype="str")
    classes, findings = lesion_classes(words, lesions, class_settings())
    assert classes.to_dict() == {"a": "cancer"}
    found = findings.table().set_index("lesion_id")["message"]
    assert list(found.index) == ["b", "c", "d"]
    assert "holds 'abscess', which no class names" in found["b"]
    assert "is missing" in found["c"]
    assert (findings.table()["action"] == "left out").all()


@pytest.mark.parametrize(
    ("sizes", "patients", "told"),
    [
        ((30, 12, 9), 60, "the class 'scar' has 9 training lesions of 9 patients"),
        ((30, 12, 0), 60, "the class 'scar' has 0 training lesions of 0 patients"),
        ((30, 12, 10), 1, "of 1 patients"),
    ],
)
def test_a_class_that_is_too_small_is_named_with_its_number_and_the_remedy(sizes, patients, told):
    names = [name for name, n in zip(class_settings().names, sizes, strict=True) for _ in range(n)]
    classes = pd.Series(names)
    people = pd.Series([f"P{i % patients}" for i in range(len(names))])
    with pytest.raises(UnusableStudyError, match=told) as caught:
        require_classes(classes, people, class_settings())
    assert "Merge it: move the words of multiclass.classes" in caught.value.remedy


def test_classes_that_are_large_enough_pass():
    classes = pd.Series(class_settings().names * 10)
    require_classes(classes, pd.Series(range(30)).astype("str"), class_settings())
