from pathlib import Path

import dcurves
import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.decision_curves import interventions_avoided, net_benefit

THRESHOLDS = np.round(np.arange(0.05, 0.96, 0.05), 10)


def compare_with_dcurves(label, score):
    frame = pd.DataFrame({"label": label.astype(int), "score": score})
    reference = dcurves.dca(frame, "label", ["score"], thresholds=THRESHOLDS.tolist())
    ones = np.ones((1, label.size))
    benefit = net_benefit(label, score, THRESHOLDS, ones)[0]
    everyone = net_benefit(label, np.ones(label.size), THRESHOLDS, ones)[0]
    nobody = net_benefit(label, np.zeros(label.size), THRESHOLDS, ones)[0]
    avoided = interventions_avoided(benefit, everyone, THRESHOLDS) / 100
    for name, ours in (("score", benefit), ("all", everyone), ("none", nobody)):
        theirs = reference[reference["model"] == name].sort_values("threshold")
        np.testing.assert_allclose(ours, theirs["net_benefit"], atol=1e-10)
    theirs = reference[reference["model"] == "score"].sort_values("threshold")
    np.testing.assert_allclose(avoided, theirs["net_intervention_avoided"], atol=1e-10)


def test_net_benefit_and_biopsies_avoided_equal_dcurves_on_its_published_cohort():
    table = pd.read_csv(Path(dcurves.__file__).parent / "data" / "df_binary.csv")
    compare_with_dcurves(
        table["cancer"].to_numpy(dtype=float), table["cancerpredmarker"].to_numpy()
    )


def test_net_benefit_and_biopsies_avoided_equal_dcurves_on_tied_scores(label_and_score):
    compare_with_dcurves(*label_and_score)


def test_a_resample_equals_the_repeated_lesions(label_and_score):
    label, score = label_and_score
    weights = np.random.default_rng(2).integers(0, 3, (1, label.size)).astype(float)
    times = weights[0].astype(int)
    repeated = np.repeat(label, times), np.repeat(score, times)
    np.testing.assert_allclose(
        net_benefit(label, score, THRESHOLDS, weights),
        net_benefit(*repeated, THRESHOLDS, np.ones((1, times.sum()))),
        rtol=1e-12,
    )
