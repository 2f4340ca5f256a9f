from pathlib import Path

import numpy as np
import pandas as pd
from kedro.config import OmegaConfigLoader
from matplotlib.figure import Figure

from spl_kedro.pipelines.audit import create_pipeline
from spl_kedro.pipelines.audit.nodes import judge_audit
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.schemas import PROTOCOLS
from spl_kedro.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[3] / "conf"


def shuffles(models, n):
    rng = np.random.default_rng(0)
    rows = [
        (protocol, model, cohort, shuffle, 0.5 + 0.3 * (protocol == "as_published") + noise)
        for protocol in PROTOCOLS
        for model in models
        for cohort in ("training", "validation")
        for shuffle, noise in enumerate(0.03 * rng.standard_normal(n))
    ]
    return pd.DataFrame(rows, columns=["protocol", "model", "cohort", "shuffle", "auc"])


def test_the_parameters_of_the_environments_are_valid():
    for env in ("base", "test"):
        loader = OmegaConfigLoader(str(CONF), env=env, **CONFIG_LOADER_ARGS)
        AuditParameters.model_validate(loader["parameters"]["audit"])


def test_both_parts_are_joined_judged_and_drawn():
    cohort = pd.DataFrame({"simulated": [True, True]})
    audit, summary, figure = judge_audit(
        shuffles(["clinical", "rad"], 20), shuffles(["dtl", "dlr", "cdlr"], 5), cohort
    )
    assert list(audit.columns) == ["protocol", "model", "cohort", "shuffle", "auc"]
    published = summary[summary["protocol"] == "as_published"]
    assert not published["honest"].any()
    counts = summary.set_index(["protocol", "model", "cohort"])["shuffles"]
    assert counts["leak_free", "rad", "training"] == 20
    assert counts["leak_free", "cdlr", "training"] == 5
    assert isinstance(figure, Figure)


def test_the_audit_starts_from_stored_features_and_images_only():
    assert create_pipeline().inputs() == {
        "cohort",
        "lesions",
        "radiomics_features",
        "radiomics_schema",
        "radiomics_stability",
        "dtl_features",
        "deep_folds",
        "params:modeling",
        "params:audit",
    }
