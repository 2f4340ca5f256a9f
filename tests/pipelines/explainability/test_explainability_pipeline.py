from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro_datasets.pickle import PickleDataset
from matplotlib.text import Text
from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import (
    DeepSettings,
    build_network,
    crop_all,
    embed_frozen,
)
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.modeling.evaluation import EvaluationSettings, operating_thresholds
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.cross_fitting import CrossFit, FitModels
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fitted_study import FittedStudy, column_ranges
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.reduction import SourceReduction
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.pipelines.explainability import create_pipeline, map_nodes
from spl_kedro.pipelines.explainability.nodes import predict_conformally
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.explainability.words import decisions
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import MODELS

# Signatures of noise say that they are worth nothing.
pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)

RADIOMICS = [
    "original_shape_Sphericity",
    "gradient_glcm_Contrast",
    "wavelet-HLL_gldm_DependenceEntropy",
]
DEEP = ["dtl_000", "dtl_001", "dtl_002"]
TINY = DeepSettings(architecture="resnet18", image_size=32, folds=2, threads=1)
SMALL = ExplainabilityParameters(
    seed=1,
    n_jobs=1,
    threads=1,
    shap={"background": 20, "exact_up_to": 4, "permutations": 2, "dependence": 3, "waterfall": 3},
    gradcam={"per_outcome": 2, "min_grid": 4},
    sanity={"lesions": 4, "head_lesions": 24, "shuffles": 1, "top": 3},
)
TABLES = (
    "shap_values",
    "shap_additivity",
    "shap_stability",
    "shap_importance",
    "shap_agreement",
    "shap_shuffled_labels",
    "gradcam_energy",
    "gradcam_summary",
    "gradcam_randomisation",
    "gradcam_shuffled_labels",
    "conformal",
    "conformal_coverage",
    "additive_models",
    "additive_terms",
    "nomogram",
    "nomogram_scale",
)
FIGURES = (
    "shap_beeswarm",
    "shap_bar",
    "shap_dependence",
    "shap_waterfalls",
    "gradcam_panel",
    "gradcam_energy_figure",
    "sanity_figure",
    "conformal_figure",
    "nomogram_figure",
)


def make_lesion(lesion_id: str, label: int, random: np.random.Generator) -> Lesion:
    rows, columns = np.mgrid[:48, :64]
    mask = ((rows - 24) / 10) ** 2 + ((columns - 32) / 14) ** 2 < 1
    image = random.rayleigh(np.where(mask, 25 + 20 * label, 55)).clip(0, 255)
    return Lesion(lesion_id, image, mask, (0.5, 0.5))


@pytest.fixture(scope="module")
def inputs():
    random = np.random.default_rng(5)
    n = 110
    ids = pd.Index([f"SPL{i:04d}" for i in range(n)], name="lesion_id")
    label = np.arange(n) % 2
    cohort = pd.DataFrame(
        {
            "patient_id": ids,
            "site": "A",
            "label": label,
            "cohort": ["training"] * 70 + ["validation"] * 24 + ["external"] * 16,
            "spacing_row_mm": 0.5,
            "spacing_col_mm": 0.5,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 60 + 6 * label + random.normal(scale=8, size=n),
            "margin": np.where(random.random(n) < 0.3 + 0.4 * label, "irregular", "smooth"),
        },
        index=ids,
    )
    weights = dict(zip([*RADIOMICS, *DEEP], [1.2, 0.8, 0.0, 1.0, 0.6, 0.0], strict=True))
    features = pd.DataFrame(
        {name: random.normal(size=n) + w * label for name, w in weights.items()}, index=ids
    )
    training = ids[:70]
    image = FeatureSignature([*RADIOMICS, *DEEP], cv=3)
    clinical = ClinicalSignature(["age", "margin"], univariate_p=1.0, multivariable_p=1.0)
    models = {
        "clinical": clinical,
        "rad": FeatureSignature(RADIOMICS, cv=3),
        "dtl": FeatureSignature(DEEP, cv=3),
        "dlr": image,
        "cdlr": FusionSignature(image, clinical),
    }
    table = cohort[["age", "margin"]].join(features)
    rows = []
    folds = pd.Series(np.arange(70) // 2 % 2, index=training, name="fold")
    for name, model in models.items():
        model.fit(table.loc[training], label[:70], groups=np.asarray(training))
        scores = pd.DataFrame(
            {
                "lesion_id": ids,
                "patient_id": ids,
                "label": label,
                "model": name,
                "protocol": "leak_free",
                "cohort": cohort["cohort"].to_numpy(),
                "repeat": 0,
                "fold": folds.reindex(ids).fillna(-1).astype(int).to_numpy(),
                "score": model.predict_proba(table)[:, 1],
            }
        )
        again = scores[scores["cohort"] == "training"]
        # A second repeat has other folds and scores: explained are those of the first.
        rows += [scores, again.assign(repeat=1, fold=1 - again["fold"], score=again["score"] / 2)]
    predictions = pd.concat(rows, ignore_index=True)
    made = {i: make_lesion(i, y, random) for i, y in zip(ids, label, strict=True)}
    return {
        "cohort": cohort,
        "lesions": {i: (lambda lesion=lesion: lesion) for i, lesion in made.items()},
        "predictions": predictions,
        "thresholds": operating_thresholds(predictions, EvaluationSettings()),
        "deep_embeddings": pd.DataFrame(index=ids),  # of trained networks not read
        "deep_folds": folds.to_frame(),
        "deep_networks": {
            name: build_network(TINY.model_copy(update={"seed": seed})).state_dict()
            for seed, name in enumerate(("fold_0", "fold_1", "refit"))
        },
        "params:deep_features": TINY,
        "params:explainability": SMALL,
        "params:modeling": ModelingParameters(),
        **fitted_study(cohort, features, folds, models, predictions),
    }


def fitted_study(cohort, features, folds, models, predictions):
    """Return the table and the stored fit that the modeling pipeline would leave."""
    tables = {"radiomics": features[RADIOMICS], "deep": features[DEEP]}
    table = assemble_study_table(cohort, {name: SourceTables(t) for name, t in tables.items()})
    settings = SignatureSettings()
    score = predictions["score"].to_numpy()[:70]
    label = cohort["label"].to_numpy()[:70]
    refits = [
        FitModels(models, table.X.iloc[kept], label[kept], np.asarray(table.X.index[kept]))()
        for kept in (np.flatnonzero(folds != fold) for fold in (0, 1))
    ]
    fits = {
        name: CrossFit(
            np.stack([score, score]),
            np.stack([folds, 1 - folds]),
            [],
            [],
            [r[name] for r in refits],
        )
        for name in models
    }
    fitted = FittedStudy(
        rules=settings.protocols["leak_free"],
        declared=settings.models,
        sources=table.sources,
        models=models,
        predictions=predictions,
        cross_fits=fits,
        ranges=column_ranges(table.X.iloc[:70]),
    )
    return {"leak_free_study_table": table, "leak_free_fitted_study": fitted}


class KeptDataset(MemoryDataset):
    """Stays in memory when no further step reads it."""

    def _release(self):
        pass


def run(inputs, folder):
    figures = (*FIGURES, "shap_figures")
    catalog = DataCatalog(
        {
            **{name: MemoryDataset(value, copy_mode="assign") for name, value in inputs.items()},
            **{name: PickleDataset(filepath=(folder / name).as_posix()) for name in TABLES},
            **{
                name: KeptDataset(copy_mode="assign")
                for name in (
                    *figures,
                    "shap_explanations",
                    "lesion_maps",
                    "map_source",
                )
            },
        }
    )
    SequentialRunner().run(create_pipeline(), catalog)
    return {name: catalog[name].load() for name in (*TABLES, *figures)}


@pytest.fixture(scope="module")
def outputs(inputs, tmp_path_factory):
    return run(inputs, tmp_path_factory.mktemp("first"))


def test_every_shap_value_adds_up_and_every_signature_is_explained(outputs, inputs):
    additivity = outputs["shap_additivity"]
    assert set(additivity["model"]) == set(MODELS)
    assert additivity["additivity_error"].max() < 1e-6
    shap = outputs["shap_values"]
    lesions = ["lesion_id", "model", "view", "fit"]
    total = shap.groupby(lesions).agg(
        shap=("shap", "sum"), base=("base", "first"), score=("score", "first")
    )
    np.testing.assert_allclose(total["base"] + total["shap"], total["score"], atol=1e-6)


def test_scores_of_unseen_lesions_are_those_of_the_predictions(outputs, inputs):
    shap = outputs["shap_values"]
    full = shap[(shap["fit"] == "full") & (shap["view"] == "inputs")]
    scores = full.groupby(["lesion_id", "model"])["score"].first()
    known = inputs["predictions"].set_index(["lesion_id", "model"])["score"]
    np.testing.assert_allclose(scores, known.loc[scores.index], atol=1e-9)
    assert set(full["cohort"]) == {"validation", "external"}


def test_training_lesions_are_explained_by_refits_that_left_them_out(outputs, inputs):
    shap = outputs["shap_values"]
    training = shap[shap["cohort"] == "training"].drop_duplicates("lesion_id")
    folds = inputs["deep_folds"]["fold"].loc[training["lesion_id"]]
    assert list(training["fit"]) == [f"fold_{fold}" for fold in folds]
    assert len(training) == 70


def test_the_fusion_is_traced_to_radiomics_deep_and_clinical_inputs(outputs):
    shap = outputs["shap_values"]
    traced = shap[(shap["model"] == "cdlr") & (shap["view"] == "traced")]
    assert set(traced["source"]) == {"radiomics", "deep", "clinical"}
    assert (
        traced.loc[traced["feature"] == "margin", "category"].isin(["smooth", "irregular"])
    ).all()
    assert traced.loc[traced["feature"] == "age", "value"].notna().all()


def test_maps_cover_the_unseen_cohorts_by_the_mean_of_the_fold_networks(outputs):
    energy = outputs["gradcam_energy"]
    assert len(energy) == 40
    assert set(energy["network"]) == {"fold_0 + fold_1"}
    assert (energy["called"] == energy["target"]).all()
    right = energy["outcome"].str.startswith("true")
    assert ((energy["label"] == energy["called"]) == right).all()


@pytest.fixture(scope="module")
def frozen_maps(inputs):
    """The nodes that map, for a frozen network behind the DTL signature."""
    deep = DeepSettings(
        architecture="efficientnet_lite0", weights="packaged", trained_blocks=0, pooling="depths",
        image_size=32, components=3, threads=1,
    )  # fmt: skip
    network = build_network(deep)
    cohort = inputs["cohort"]
    crops, _ = crop_all(inputs["lesions"], deep)
    embeddings = embed_frozen(crops, cohort, network, deep)
    training = cohort.index[:70]
    labels = cohort.loc[training, "label"].to_numpy()
    wide = {"deep": list(embeddings.columns)}
    reduction = SourceReduction(wide, {"deep": deep.components}, {"deep": "dtl_"})
    signature = FeatureSignature(wide["deep"], cv=3, reduction=reduction)
    signature.fit(embeddings.loc[training], labels)
    fitted = inputs["leak_free_fitted_study"]
    fitted = replace(fitted, models={**fitted.models, "dtl": signature})
    networks = {"frozen": network.state_dict()}
    none = pd.DataFrame({"fold": pd.Series(dtype="int64")})
    source = map_nodes.choose_map_source(
        networks,
        none,
        embeddings,
        inputs["leak_free_study_table"],
        fitted,
        deep,
    )
    study = (inputs["lesions"], cohort)
    _, energy = map_nodes.map_cohort(
        *study, inputs["predictions"], inputs["thresholds"], source, deep, SMALL
    )
    return energy, *map_nodes.check_maps(*study, energy, source, deep, SMALL)


def test_a_frozen_network_is_mapped_and_tested_through_the_signature(frozen_maps):
    energy, cascade, heads = frozen_maps
    assert len(energy) == 40
    assert set(energy["network"]) == {"frozen"}
    assert list(cascade["randomised"][:2]) == ["none", "head"]
    assert cascade["correlation"].iloc[0] == pytest.approx(1)
    assert cascade["correlation"].iloc[1:].min() < 0.9
    assert list(heads["labels"]) == ["true", "shuffled"]


def test_the_conformal_table_covers_all_lesions_outside_training(outputs):
    assert len(outputs["conformal"]) == 40
    assert set(outputs["conformal_coverage"]["cohort"]) == {"validation", "external"}


def test_the_points_of_a_lesion_add_up_to_its_probability(outputs):
    points, scale = outputs["nomogram"], outputs["nomogram_scale"]
    assert outputs["additive_models"]["additive"].all()
    assert list(points["variable"].unique()) == ["dlr_score", "age", "margin"]
    assert points.groupby("variable")["points"].max().max() == pytest.approx(100)
    assert scale["probability"].is_monotonic_increasing


def test_every_figure_is_drawn_and_says_the_patients_are_simulated(outputs):
    figures = {name: outputs[name] for name in FIGURES} | outputs["shap_figures"]
    assert len(figures) == len(FIGURES) + 6 * 3
    for name, figure in figures.items():
        words = [text.get_text() for text in figure.figure().findobj(Text)]
        assert "Simulated patients" in words, name


def test_the_same_seed_gives_the_same_tables(outputs, inputs, tmp_path):
    again = run(inputs, tmp_path)
    for name in TABLES:
        pd.testing.assert_frame_equal(outputs[name], again[name], check_exact=True)


def test_a_model_without_scores_is_refused_by_name(inputs):
    predictions = inputs["predictions"].query("model != 'clinical'")
    chosen = ExplainabilityParameters(conformal={"model": "clinical"})
    with pytest.raises(UnusableStudyError, match=r"no score of clinical.*conformal\.model"):
        predict_conformally(predictions, inputs["cohort"], ModelingParameters(), chosen)
    with pytest.raises(UnusableStudyError, match="no score of clinical"):
        decisions(predictions, inputs["thresholds"], "clinical", ("validation",))


def test_a_setting_out_of_range_is_refused():
    with pytest.raises(ValidationError, match="alpha"):
        ExplainabilityParameters(conformal={"alpha": 0.7})
    with pytest.raises(ValidationError, match="misspelt"):
        ExplainabilityParameters(shap={"misspelt": 1})
