import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.settings import ExplainabilitySettings
from spl_kedro.explainability.study import additivity_table, explain_study
from spl_kedro.modeling.signatures.nesting_probe import copied_table, probe_settings, random_cohort
from spl_kedro.modeling.signatures.protocol import run_protocol


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_shap_values_add_up_to_the_mean_of_the_networks_scores():
    # Of five draws the first whose model has learnt something.
    for seed in range(5):
        cohort, settings = random_cohort(60, seed, unseen=20), probe_settings(seed)
        table = copied_table(cohort, settings, 3, seed, nested=True)
        fitted = run_protocol(table, settings, only=["dtl"])
        if fitted.models["dtl"].fallback_ is None:
            break
    chosen = ExplainabilitySettings.model_validate(
        {"n_jobs": 1, "shap": {"background": 10, "exact_up_to": 4, "permutations": 1}}
    )
    explained = explain_study(fitted, table, chosen)
    assert (additivity_table(explained)["additivity_error"] < 1e-6).all()
    found = pd.concat([one.scores for one in explained.values()])
    stored = fitted.predictions.set_index("lesion_id")["score"]
    assert len(found) == len(stored) == 80
    np.testing.assert_allclose(found, stored.loc[found.index], atol=1e-9)
