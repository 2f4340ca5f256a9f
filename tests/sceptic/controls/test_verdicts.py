"""The rules of the verdicts, on figures made up for each of them."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.sceptic.controls.verdicts import verdicts
from spl_kedro.sceptic.controls.words import account

MARGIN, ALPHA = 0.02, 0.05


def row(control, kind="explanation", **values):
    """Return a control that says something, less than the model by far."""
    known = {
        "control": control, "keeps": "what it keeps", "title": control.title(), "kind": kind,
        "against": "image",
        "baseline": "", "auc": 0.7, "low": 0.65, "p_chance_holm": 0.001,
        "image_difference": -0.1, "image_difference_low": -0.14, "p_difference_holm": 0.001,
        "full_difference": -0.2, "full_difference_low": -0.25,
        "baseline_difference": np.nan, "p_baseline_holm": np.nan,
    }  # fmt: skip
    return known | values


MODEL = row("image", "model", auc=0.8, low=0.75)
OUTLINE = row("outline")


def judged(*rows):
    table = pd.DataFrame([MODEL, OUTLINE, *rows])
    return dict(zip(table["control"], verdicts(table, ALPHA, MARGIN), strict=True))


NOT_WORSE = {"image_difference": -0.03, "image_difference_low": -0.07, "p_difference_holm": 0.2}
CLOSE = {"image_difference": -0.01, "image_difference_low": -0.018, "p_difference_holm": 0.001}
BETTER = {"image_difference": 0.05, "image_difference_low": 0.01, "p_difference_holm": 0.001}
AT_CHANCE = {"p_chance_holm": 0.3}
LIKE_OUTLINE = {"baseline": "outline", "baseline_difference": 0.01, "p_baseline_holm": 0.3}
BEYOND_OUTLINE = {"baseline": "outline", "baseline_difference": 0.06, "p_baseline_holm": 0.01}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({}, "part"),
        (NOT_WORSE, "explains"),
        (CLOSE, "explains"),
        (BETTER, "explains"),
        (AT_CHANCE, "nothing"),
        (AT_CHANCE | NOT_WORSE, "undecided"),
        (LIKE_OUTLINE, "as_kept"),
        (LIKE_OUTLINE | NOT_WORSE, "as_kept"),
        (BEYOND_OUTLINE, "part"),
        (BEYOND_OUTLINE | NOT_WORSE, "explains"),
        ({"auc": np.nan}, "not_applicable"),
    ],
)
def test_a_verdict_follows_from_chance_model_margin_and_baseline(values, verdict):
    assert judged(row("moved", **values))["moved"] == verdict


def test_what_is_kept_of_a_baseline_at_chance_explains_nothing_away():
    table = pd.DataFrame([MODEL, row("outline", **AT_CHANCE), row("moved", **LIKE_OUTLINE)])
    assert verdicts(table, ALPHA, MARGIN)[2] == "part"


def test_age_and_size_are_judged_by_the_full_model():
    assert judged(row("age_size", **NOT_WORSE))["age_size"] == "explains"
    assert judged(row("age_size", against="full", p_difference_holm=0.001))["age_size"] == "part"


def test_beside_a_model_at_chance_no_control_explains_anything():
    table = pd.DataFrame([MODEL | {"low": 0.45}, row("size", **(AT_CHANCE | NOT_WORSE))])
    assert verdicts(table, ALPHA, MARGIN) == ["at_chance", "nothing"]


def test_permuted_labels_must_be_at_chance_and_the_site_may_be_known():
    for p, permuted, site in ((0.3, "passes", "no_site"), (0.01, "fails", "knows_site")):
        found = judged(
            row("permuted", "permuted", p_chance_holm=p), row("site", "site", p_chance_holm=p)
        )
        assert (found["permuted"], found["site"]) == (permuted, site)


def told(**given):
    """Return the account of a table whose controls have these verdicts, the others `part`."""
    names = ("size", "age_size", "outline", "histogram", "shuffled", "blanked", "moved")
    rows = [row(name, verdict="part") for name in (*names, "acquisition")]
    rows += [row("site", "site", verdict="no_site"), row("permuted", "permuted", verdict="passes")]
    table = pd.DataFrame([MODEL | {"verdict": ""}, *rows])
    table["verdict"] = [
        given.get(c, v) for c, v in zip(table["control"], table["verdict"], strict=True)
    ]
    return account(table.assign(image_model="rad", full_model="cdlr"))


@pytest.mark.parametrize(
    ("given", "signal"),
    [
        ({}, "texture"),
        ({"shuffled": "undecided"}, "undecided"),
        ({"shuffled": "explains"}, "grey_and_outline"),
        ({"histogram": "explains", "shuffled": "explains"}, "histogram"),
        ({"size": "explains", "outline": "explains", "shuffled": "explains"}, "size"),
        ({"moved": "explains", "size": "explains"}, "surroundings"),
        ({"acquisition": "explains", "moved": "explains", "blanked": "explains"}, "acquisition"),
        ({"image": "at_chance", "size": "explains"}, "none"),
        ({"permuted": "fails", "image": "at_chance"}, "procedure"),
    ],
)
def test_the_signal_is_named_by_the_strongest_objection(given, signal):
    assert told(**given).signal == signal


def test_the_account_says_what_the_signal_can_and_cannot_be():
    said = " ".join(told(shuffled="explains", moved="nothing", blanked="as_kept").sentences)
    assert "The signal can be what these keep: shuffled (what it keeps)." in said
    assert "It cannot be: moved." in said
    assert "no more than the outline or the size that they keep: blanked." in said


def test_acquisition_that_says_more_than_size_is_warned_of_with_the_sites_it_tells_apart():
    warned = " ".join(told(acquisition="part", site="knows_site").sentences)
    assert "Warning: how the images were made predicts the label (AUC 0.70)" in warned
    assert "can use where a lesion comes from" in warned
    assert "Warning" not in " ".join(told(acquisition="as_kept", site="knows_site").sentences)
