"""What the report says of the sanity checks follows from their tables."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.reporting.sections.sanity import verdicts

CASCADE = pd.DataFrame({"randomised": ["none", "head"], "correlation": [1.0, 0.1]})


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((-0.1, 0.1), "passed."),
        ((0.2, 0.4), "not passed."),
        ((-0.1, 0.46), "undecided"),
        ((np.nan, np.nan), "not judged"),
    ],
)
def test_maps_of_random_weights_are_judged_by_the_interval(study, bounds, said):
    cascade = CASCADE.assign(excess=[0.9, 0.0], excess_low=bounds[0], excess_high=bounds[1])
    told = verdicts(replace(study, gradcam_randomisation=cascade))
    assert told[0].startswith(f"Maps, random weights: {said}")
    (old,) = verdicts(replace(study, gradcam_randomisation=CASCADE))
    assert "not judged" in old


@pytest.mark.parametrize(
    ("shuffled", "said"),
    [
        ([0.1] * 19, "passed (permutation p = 0.050)"),
        ([0.1, 0.2], "2 shuffles cannot decide it (19 or more can"),
        ([0.1, 0.9], "not passed: shuffled labels reach it (permutation p = 0.67)"),
    ],
)
def test_shuffled_labels_are_judged_by_permutation(study, shuffled, said):
    table = pd.DataFrame(
        {"labels": ["true", *["shuffled"] * len(shuffled)], "agreement": [0.8, *shuffled]}
    )
    (told,) = verdicts(replace(study, gradcam_shuffled_labels=table))
    assert said in told
    shap = table.rename(columns={"agreement": "total_shap"})
    (told,) = verdicts(replace(study, shap_shuffled_labels=shap))
    assert said in told
