"""A refused parameter is told by name, with what was given, what is allowed and where it stands."""

from typing import Literal

import pytest
from pydantic import Field, ValidationError

from spl_kedro.context import told as placed
from spl_kedro.parameters import Settings
from spl_kedro.refused import refused_by


class Variable(Settings):
    column: str
    minimum: float | None = None


class Folds(Settings):
    number: int = Field(5, ge=2, le=10)
    share: float = Field(0.2, gt=0, lt=0.9)
    by: Literal["patient", "site"] = "patient"


class Study(Settings):
    folds: Folds = Folds()
    clinical: tuple[Variable, ...] = ()


def told(**values):
    with pytest.raises(ValidationError) as refused:
        Study.model_validate(values)
    found = refused_by(refused.value, Study, values, ("study",))
    return {one.name: one.message for one in found}


@pytest.mark.parametrize(
    ("values", "name", "message"),
    [
        ({"folds": {"number": "x"}}, "study.folds.number",
         "given 'x', allowed is a whole number, 2 to 10."),
        ({"folds": {"share": 2}}, "study.folds.share",
         "given 2, allowed is a number, more than 0 and less than 0.9."),
        ({"folds": {"by": "lesion"}}, "study.folds.by",
         "given 'lesion', allowed is 'patient' or 'site'."),
        ({"folds": {"nubmer": 3}}, "study.folds.nubmer",
         "there is no such key; did you mean 'number'?"),
        ({"folds": {"zzz": 3}}, "study.folds.zzz",
         "there is no such key; there are number, share, by."),
        ({"folds": 3}, "study.folds",
         "given 3, allowed is a mapping with the keys number, share, by."),
        ({"clinical": [{"column": "a"}, {"column": "b", "minimum": "c"}]},
         "study.clinical.1.minimum", "given 'c', allowed is a number or null."),
        ({"clinical": [{}]}, "study.clinical.0.column", "not given; allowed is text."),
    ],
)  # fmt: skip
def test_a_refused_parameter_is_told_in_the_words_of_who_wrote_it(values, name, message):
    assert told(**values) == {name: message}


def test_each_refused_parameter_is_told_once():
    assert list(told(folds={"number": 1, "by": "x"})) == ["study.folds.number", "study.folds.by"]


def test_the_place_to_correct_is_the_command_line_or_the_file_that_states_the_parameter(tmp_path):
    for name, content in {
        "base/parameters_study.yml": "study: {folds: {number: 5, share: 0.2}}",
        "mine/parameters_study.yml": "study: {clinical: [{column: age}], folds: {number: 1}}",
        "mine/parameters_other.yml": "other: {folds: {share: 3}}",
    }.items():
        (tmp_path / "conf" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "conf" / name).write_text(content)
    number, share = ("study", "folds", "number"), ("study", "folds", "share")
    base, mine = "conf/base/parameters_study.yml", "conf/mine/parameters_study.yml"
    for path, given, place in (
        (number, {}, mine),
        (share, {}, base),
        (("study", "clinical", "0", "column"), {}, mine),
        (share, {"study": {"folds": {"share": 2}}}, f"--params (described in {base})"),
        (number, {"study": {"folds": {"share": 2}}}, mine),
        (("study", "folds"), {"study": {"folds": {"share": 2}}}, f"--params or in {mine}"),
    ):
        found = placed(path, tmp_path / "conf", "mine", given)
        assert found == (".".join(path), f"Correct it in {place}.")
    # A misspelt group is named with the key that was given in it.
    given = {"study": {"fodls": {"share": 0.3}}}
    name, remedy = placed(("study", "fodls"), tmp_path / "conf", "mine", given)
    assert (name, "--params or" in remedy) == ("study.fodls.share", False)
