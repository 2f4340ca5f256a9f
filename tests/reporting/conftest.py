"""A small synthetic study, its numbers made by the real evaluation."""

import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from spl_kedro.cohort.table_one import table_one
from spl_kedro.drawing import StoredFigure
from spl_kedro.explainability.summaries import energy_summary, importance_table
from spl_kedro.imaging.quality import Thresholds
from spl_kedro.modeling import evaluation
from spl_kedro.reporting import ReportSettings, StudyResults, build_report, report_sections
from spl_kedro.reporting.selection import selection_funnel
from spl_kedro.reporting.summaries import feature_summary
from spl_kedro.schemas import MODELS, Leaks

SIZES = {"training": 160, "validation": 60, "external": 80}
SETTINGS = evaluation.EvaluationSettings(n_bootstrap=100, calibration_points=20)


def stored_figure() -> StoredFigure:
    """Return a small figure as its files."""
    figure = Figure(figsize=(3, 2))
    figure.subplots().bar(["Age"], [0.1])
    png, svg = io.BytesIO(), io.StringIO()
    figure.savefig(png, format="png")
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(svg, format="svg")
    return StoredFigure(png.getvalue(), svg.getvalue())


def synthetic_cohort(
    rng: np.random.Generator, *, simulated: bool, lesions: int = 1
) -> pd.DataFrame:
    cohort = np.repeat(list(SIZES), list(SIZES.values()))
    n = len(cohort)
    label = rng.integers(0, 2, n)
    return pd.DataFrame(
        {
            "patient_id": [f"P{i // lesions:04d}" for i in range(n)],
            "site": np.where(cohort == "external", "B", "A"),
            "label": label,
            "cohort": cohort,
            "spacing_row_mm": 0.21,
            "spacing_col_mm": 0.21,
            "image_sha256": "0" * 64,
            "simulated": simulated,
            "age": np.round(rng.normal(55 + 8 * label, 10)),
            "sex": rng.choice(["female", "male"], n),
            "size_mm": np.round(rng.gamma(6, 5, n), 1),
        },
        index=pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id"),
    )


def synthetic_predictions(cohort: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    strength = dict(zip(MODELS, (1.3, 1.2, 1.4, 1.7, 2.2), strict=True))
    parts = []
    for protocol, extra in (("leak_free", 0.0), ("as_published", 0.6)):
        for model in MODELS:
            logit = (strength[model] + extra) * (cohort["label"] - 0.5) * 2
            training = cohort["cohort"] == "training"
            fold = pd.factorize(cohort["patient_id"])[0] % 5
            parts.append(
                pd.DataFrame(
                    {
                        "lesion_id": cohort.index,
                        "patient_id": cohort["patient_id"].to_numpy(),
                        "label": cohort["label"].to_numpy(),
                        "model": model,
                        "protocol": protocol,
                        "cohort": cohort["cohort"].to_numpy(),
                        "repeat": 0,
                        "fold": np.where(training & (protocol == "leak_free"), fold, -1),
                        "score": 1 / (1 + np.exp(-logit - rng.normal(0, 1.7, len(cohort)))),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def synthetic_findings(cohort: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lesion_id": ["SPL9001", "SPL9002", "SPL9003", cohort.index[0], "all lesions"],
            "stage": "data_processing",
            "rule": [
                *("outline_empty", "outline_empty", "image_unreadable"),
                *("an outline inside the scanned sector", "a predictor that is not the label"),
            ],
            "action": ["quarantined"] * 3 + ["flagged"] * 2,
            "message": [
                *("the outline has no pixel", "the outline has no pixel"),
                *("<script>alert(1)</script>", "40% of the outline lies outside"),
                "the variable 'stage' separates",
            ],
            "remedy": ["draw the outline again"] * 3 + ["check the outline", "exclude the column"],
        }
    )


def synthetic_leaks() -> pd.DataFrame:
    alone = "a predictor that is not the label"
    rows = [
        ("stage", alone, "AUC", 0.995, 0.98, 0.999, 1e-9, 90, "the variable 'stage' alone ...",
         "exclude the column", 2e-9, True, "flagged"),
        ("age", alone, "AUC", 0.61, 0.5, 0.7, 0.04, 90, "the variable 'age' alone ...",
         "exclude the column", np.nan, False, ""),
    ]  # fmt: skip
    return Leaks.validate(pd.DataFrame(rows, columns=list(Leaks.to_schema().columns)))


def synthetic_quality(cohort: pd.DataFrame) -> pd.DataFrame:
    found = {(cohort.index[0], "text"): "a date", (cohort.index[1], "callipers"): ""}
    limits = [(name, limit) for name, limit in Thresholds() if limit is not None]
    rows = [
        (lesion, name, limit * 2 if (lesion, name) in found else 0.0, limit,
         (lesion, name) in found, found.get((lesion, name), ""),
         "flag" if (lesion, name) in found else "")
        for lesion in cohort.index
        for name, limit in limits
    ]  # fmt: skip
    columns = ["lesion_id", "check", "value", "threshold", "found", "kind", "action"]
    return pd.DataFrame(rows, columns=columns)


def synthetic_selection(schema: pd.DataFrame) -> pd.DataFrame:
    dropped = {"variance": 20, "stability": 90, "univariate": 120, "correlation": 60, "lasso": 64}
    steps = [step for step, size in dropped.items() for _ in range(size)]
    steps += ["degenerate"] * int(schema["degenerate"].sum())
    features = [*schema.index[~schema["degenerate"]], *schema.index[schema["degenerate"]]]
    kept = len(features) - len(steps)
    parts = [
        pd.DataFrame(
            {
                "protocol": "leak_free",
                "model": model,
                "feature": features,
                "kept": [True] * kept + [False] * len(steps),
                "step": [""] * kept + steps,
                "reason": "",
                "statistic": 0.1,
                "fold_frequency": 0.8,
            }
        )
        for model in ("rad", "dlr", "cdlr")
    ]
    return pd.concat(parts, ignore_index=True)


def synthetic_study(
    *,
    simulated: bool = True,
    settings: evaluation.EvaluationSettings = SETTINGS,
    lesions: int = 1,
) -> StudyResults:
    """Return a study; `lesions` of each patient."""
    rng = np.random.default_rng(7)
    cohort = synthetic_cohort(rng, simulated=simulated, lesions=lesions)
    predictions = synthetic_predictions(cohort, rng)
    thresholds = evaluation.operating_thresholds(predictions, settings)
    performance = evaluation.performance(predictions, thresholds, settings)
    use = evaluation.clinical_use_table(predictions, thresholds, settings)
    names = [f"original_glcm_Feature{i:03d}" for i in range(400)]
    index = pd.Index(names, name="feature")
    icc = rng.beta(6, 2, len(names))
    schema = pd.DataFrame(
        {
            "feature_class": rng.choice(["firstorder", "glcm", "glrlm", "shape"], len(names)),
            "image_type": "original",
            "degenerate": rng.random(len(names)) < 0.1,
        },
        index=index,
    )
    stability = pd.DataFrame(
        {"icc": icc, "icc_low": icc - 0.1, "icc_high": np.minimum(icc + 0.05, 1)}
        | {"stable": icc >= 0.75, "threshold": 0.75, "confidence": 0.95},
        index=index,
    )
    energy = pd.DataFrame(
        {
            "cohort": "validation",
            "outcome": ["true positive", "false positive"],
            "inside": [0.6, 0.3],
            "rim": [0.2, 0.3],
            "outside": [0.2, 0.4],
            "inside_enrichment": [1.8, 0.9],
        }
        | {f"{zone}_area": [0.3, 0.3] for zone in ("inside", "rim", "outside")}
    )
    selected = synthetic_selection(schema)
    noise = rng.integers(0, 255, (240, 720), dtype=np.uint8)
    return StudyResults(
        cohort=cohort,
        findings=synthetic_findings(cohort),
        quality=synthetic_quality(cohort),
        leaks=synthetic_leaks(),
        table_one=table_one(cohort),
        radiomics_schema=schema,
        stability=stability,
        feature_summary=feature_summary(schema, stability),
        selected_features=selected,
        selection_funnel=selection_funnel(selected),
        performance=performance,
        added_value=evaluation.added_value_table(predictions, settings),
        roc_curves=evaluation.roc_curve_table(predictions, settings),
        comparisons=evaluation.compare_models(predictions, thresholds, settings),
        calibration=evaluation.calibration_table(predictions, settings),
        decision_curves=evaluation.decision_curve_table(predictions, settings),
        subgroups=evaluation.subgroup_table(predictions, thresholds, cohort, settings),
        thresholds=thresholds,
        zone_scores=evaluation.zone_score_table(predictions, thresholds, settings),
        clinical_use=use,
        clinical_use_by_prevalence=evaluation.clinical_use_by_prevalence(use, settings),
        verification_bias=evaluation.verification_bias_table(use, settings),
        reference_errors=evaluation.reference_error_table(performance, use, settings),
        fairness=evaluation.fairness_table(predictions, thresholds, cohort, settings),
        optimism=evaluation.optimism_table(performance, predictions, settings),
        odds_ratios=pd.DataFrame(
            {
                "stage": ["univariate", "multivariable", "final"],
                "variable": ["age", "age", "size_mm"],
                "term": ["age", "age", "size_mm missing"],
                "odds_ratio": [1.08, 1.06, 1.07],
                "odds_ratio_low": [1.04, 1.02, 1.03],
                "odds_ratio_high": [1.12, 1.10, 1.11],
                "p_value": [0.00001, 0.004, 0.003],
                "method": "maximum likelihood",
                "confidence": settings.confidence,
            }
        ),
        shap_importance=importance_table(
            pd.DataFrame(
                {
                    "lesion_id": [f"SPL{i}" for i in range(4) for _ in range(2)],
                    "cohort": "validation",
                    "model": "cdlr",
                    "view": "traced",
                    "fit": "full",
                    "feature": ["wavelet-HLH_glszm_GrayLevelNonUniformity", "age"] * 4,
                    "label": ["Zone size", "Age"] * 4,
                    "source": ["radiomics", "clinical"] * 4,
                    "shap": rng.normal(0, 0.1, 8),
                }
            )
        ),
        shap_additivity=pd.DataFrame({"model": ["cdlr"], "additivity_error": [2e-9]}),
        gradcam_energy=energy,
        gradcam_summary=energy_summary(energy),
        figures={"shap_beeswarm": noise, "shap_bar": stored_figure(), "gradcam_panel": noise},
        parameters={"radiomics": {"preset": "us2d-1561", "bin_width": 5}},
        versions={"spl_kedro": "0.1.0", "git_commit": "0123456789abcdef"},
        durations={"radiomics": {"run": 312.0, "save": 0.4}, "deep_features": {"run": 95.5}},
    )


def words_and_tables(results: StudyResults, settings: ReportSettings) -> str:
    """Return the report with all its sections and none of their figures, which take seconds."""
    sections = report_sections(results, settings)
    return build_report(results, settings, [replace(one, figures=()) for one in sections])


@pytest.fixture(scope="session")
def study() -> StudyResults:
    return synthetic_study()


@pytest.fixture(scope="session")
def real_study() -> StudyResults:
    return synthetic_study(simulated=False)


@pytest.fixture(scope="session")
def settings() -> ReportSettings:
    return ReportSettings()
