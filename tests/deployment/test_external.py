"""What of a study applies to a stranger's cohort."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.deployment import external
from spl_kedro.deployment.scoring import ImageFeatures
from spl_kedro.errors import UnusableStudyError

INDEX = pd.Index(["L1", "L2", "L3"], name="lesion_id", dtype="str")


def study(needed=None, sources=None):
    needed = needed or {"clinical": ["age", "margin"], "rad": [], "cdlr": ["age", "margin"]}
    sources = sources or {"clinical": (), "rad": ("radiomics",), "cdlr": ("radiomics",)}
    kinds = {"age": "numeric", "sex": "category", "margin": "category"}
    return SimpleNamespace(
        cohort=SimpleNamespace(
            clinical=[SimpleNamespace(name=name, kind=kind) for name, kind in kinds.items()]
        ),
        variables=["age", "sex", "margin"],
        models=dict.fromkeys(needed),
        needed_variables=lambda model: needed[model],
        sources_of=lambda model: sources[model],
        image_models=lambda: [name for name in sources if sources[name]],
        ranges=pd.DataFrame(
            {"median": [61.0, np.nan], "categories": ["", "irregular|smooth"]},
            index=["age", "margin"],
        ).reindex(["age", "sex", "margin"]),
        thresholds=pd.DataFrame({"model": ["rad"], "threshold": [0.4]}),
    )


def status(**columns):
    table = external.match_variables(study(), pd.DataFrame(columns, index=INDEX))
    return table.set_index("variable")["status"].to_dict()


def test_a_variable_is_matched_by_its_name_and_what_it_holds():
    found = status(age=[50.0, np.nan, 70.0], margin=["smooth", None, "spiculated"])
    assert found["age"] == found["margin"] == external.MATCHED
    assert found["sex"] == "not in this cohort"


def test_a_column_without_values_of_another_kind_or_with_other_words_is_not_matched():
    # Fault: a hospital's own words, all of which would count as the study's commonest category.
    assert status(age=[np.nan] * 3)["age"] == "no lesion has a value"
    assert status(age=["old", "young", "old"])["age"] == "a number in the study, words here"
    words = ["circumscribed", "indistinct", None]
    assert status(margin=words)["margin"] == "no category that the study knows"


def test_categories_that_the_study_never_saw_are_counted():
    margin = ["smooth", "angular", "angular"]
    table = external.match_variables(study(), pd.DataFrame({"margin": margin}, index=INDEX))
    assert table.set_index("variable")["unseen"].loc["margin"] == "angular (2)"


def test_a_model_whose_variable_is_lacking_is_not_applicable_and_says_which():
    cohort = pd.DataFrame({"age": [50.0, 60.0, 70.0]}, index=INDEX)
    variables = external.match_variables(study(), cohort)
    table = external.applicability(study(), variables).set_index("model")
    assert table["applicable"].to_dict() == {"clinical": False, "rad": True, "cdlr": False}
    assert "margin" in table["reason"].loc["cdlr"]
    assert "age" not in table["reason"].loc["cdlr"]


def test_a_cohort_to_which_no_model_applies_is_refused_with_the_reason():
    only = study({"clinical": ["age", "margin"]}, {"clinical": ()})
    variables = external.match_variables(only, pd.DataFrame(index=INDEX))
    with pytest.raises(UnusableStudyError, match=r"age: not in this cohort.*Remedy: "):
        external.applicability(only, variables)


def test_a_cohort_of_which_no_lesion_can_be_measured_is_refused_with_the_reason():
    reason = {"message": ["too small."], "remedy": ["Outline it again."]}
    features = ImageFeatures((pd.DataFrame(index=INDEX[:0]),), pd.DataFrame(reason))
    nothing = pd.DataFrame({"applicable": []})
    with pytest.raises(UnusableStudyError, match=r"none of the 3 .*too small.*Outline it again"):
        external.external_predictions(
            study(), pd.DataFrame(index=INDEX), features, pd.DataFrame(), nothing
        )


def test_subgroups_are_cut_at_the_medians_that_travel():
    assert external.frozen_cuts(study(), ("site", "age", "margin")) == {"age": (61.0,)}
