from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro_datasets.pandas import ParquetDataset
from matplotlib.figure import Figure

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.modeling import create_pipeline
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.schemas import COHORTS, MODELS, PART_MODELS, PROTOCOLS, Predictions
from spl_kedro.sealing.settings import OPEN
from spl_kedro.settings import CONFIG_LOADER_ARGS

CONF = Path(__file__).parents[3] / "conf"

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


def parameters_of(env):
    loader = OmegaConfigLoader(str(CONF), env=env, **CONFIG_LOADER_ARGS)
    return loader["parameters"]["modeling"]


def cohort_settings():
    """Return settings with a clinical variable of either group."""
    loader = OmegaConfigLoader(str(CONF), env="test", **CONFIG_LOADER_ARGS)
    clinical = [
        {"name": "age", "kind": "numeric", "column": "age"},
        {"name": "sex", "kind": "category", "column": "sex", "group": "read_from_image"},
    ]
    return CohortSettings.model_validate(
        loader["parameters"]["data_processing"] | {"clinical": clinical}
    )


# What later steps read again, so that a run would let it go.
KEPT = ("predictions", "performance", "added_value")


def parameters():
    return ModelingParameters.model_validate(parameters_of("test"))


def run(pipeline, inputs, kept=KEPT):
    catalog = DataCatalog({name: MemoryDataset(data) for name, data in inputs.items()})
    chosen = parameters()
    catalog["params:modeling"] = MemoryDataset(chosen)
    for name, rules in chosen.protocols.items():
        catalog[f"params:modeling.protocols.{name}"] = MemoryDataset(rules)
    catalog["params:data_processing"] = MemoryDataset(cohort_settings())
    catalog["params:radiomics"] = MemoryDataset(RadiomicsParameters())
    catalog["params:deep_features"] = MemoryDataset(DeepSettings(components=5, trained_blocks=0))
    catalog["params:sealing"], catalog["current_plan"] = MemoryDataset(OPEN), MemoryDataset({})
    with TemporaryDirectory() as folder:
        for name in kept:
            catalog[name] = ParquetDataset(filepath=f"{folder}/{name}.parquet")
        outputs = SequentialRunner().run(pipeline, catalog)
        loaded = {name: dataset.load() for name, dataset in outputs.items()}
        # What the report reads is handed over to it, and let go.
        for group in ("modeling_results", "modeling_figures"):
            loaded |= loaded.get(group, {})
        return loaded | {name: catalog.load(name) for name in kept}


@pytest.fixture(scope="module")
def outputs(inputs):
    return run(create_pipeline(), inputs)


def measured(predictions, cohort):
    """Return what is measured and drawn of some predictions."""
    whole = create_pipeline()
    wanted = whole.to_outputs("roc_figure", "forest_figure", "subgroups", "calibration")
    inputs = {"predictions": predictions, "cohort": cohort}
    return run(whole.from_inputs("predictions") & wanted, inputs, kept=("performance",))


@pytest.mark.parametrize("env", ["base", "test", "breast", "busi", "busbra", "study"])
def test_the_parameters_of_every_environment_are_valid(env):
    assert ModelingParameters.model_validate(parameters_of(env)).protocol.n_splits >= 2


def test_performance_holds_the_five_models_everywhere_and_the_parts_leak_free(outputs):
    auc = outputs["performance"].query("metric == 'auc'")
    cells = set(zip(auc["protocol"], auc["cohort"], auc["model"], strict=True))
    five = {(p, c, m) for p in PROTOCOLS for c in COHORTS for m in MODELS}
    parts = {("leak_free", c, m) for c in COHORTS for m in PART_MODELS}
    assert cells == five | parts
    Predictions.validate(outputs["predictions"])


def test_every_record_has_the_same_metrics_and_those_that_score_patients_a_model(outputs):
    records = outputs["modeling_records"]
    assert len(records) == 9 + 2 * 5
    assert len({frozenset(record.metrics) for record in records}) == 1
    assert {"validation.auc", "validation.auc_low", "training.auc"} <= set(records[0].metrics)
    deployed = [record for record in records if record.tags["protocol"] == "leak_free"]
    assert len(deployed) == 9
    notes = {record.name: record.tags["mlflow.note.content"] for record in records}
    assert notes["cdlr leak_free"] == "CDLR, protocol leak_free."
    assert notes["clinical_rad leak_free"] == "Clinical + Rad, protocol leak_free."
    for record in deployed:
        assert record.model.predict_proba(record.input_example).shape == (3, 2)
    assert {id(record) for record in records if record.model is not None} == set(map(id, deployed))


def test_every_record_has_its_roc_curves_and_image_signatures_their_selection(outputs):
    for record in outputs["modeling_records"]:
        curve = record.curves["validation.roc"]
        assert len(curve) == 101
        assert (np.diff(curve) >= 0).all()
        clinical = record.tags["model"] in ("clinical", "clinical_before")
        assert ("features_left" in record.curves) == (not clinical)
        if record.tags["model"] == "rad":
            left = record.curves["features_left"]
            assert (np.diff(left) <= 0).all()
            assert (
                left[-1] == record.metrics["n_features"] == len(record.tables["selected_features"])
            )


def test_a_records_auc_is_that_of_the_performance_table(outputs):
    table = outputs["performance"].set_index(["protocol", "model", "cohort", "metric"])["value"]
    for record in outputs["modeling_records"]:
        key = (record.tags["protocol"], record.tags["model"], "validation", "auc")
        assert record.metrics["validation.auc"] == table[key]


def test_the_figures_are_drawn(outputs):
    figures = [value for name, value in outputs.items() if name.endswith("_figure")]
    assert len(figures) == 9
    assert all(isinstance(figure.figure(), Figure) for figure in figures)
    assert len(outputs["as_published_figures"]) == 9


def test_a_study_without_an_external_centre_is_measured_and_drawn(outputs, inputs):
    cohort = inputs["cohort"].query("cohort != 'external'")
    found = measured(outputs["predictions"].query("cohort != 'external'"), cohort)
    assert set(found["performance"]["cohort"]) == {"training", "validation"}
    assert isinstance(found["forest_figure"].figure(), Figure)


def test_a_validation_cohort_of_one_class_sinks_nothing_and_its_figures_say_why(outputs, inputs):
    cohort, predictions = (
        table.assign(label=table["label"].where(table["cohort"] != "validation", 1))
        for table in (inputs["cohort"], outputs["predictions"])
    )
    found = measured(predictions, cohort)
    (words,) = found["roc_figure"].figure().axes[0].texts[:1]
    assert words.get_text() == "Not drawn: all 20 lesions of this cohort are malignant."
    auc = found["performance"].query("metric == 'auc' and cohort == 'training'")
    assert auc["value"].notna().all()


def test_subgroups_and_optimism_are_tabulated(outputs):
    assert {"site", "sex", "age"} <= set(outputs["subgroups"]["variable"])
    assert isinstance(outputs["optimism"], pd.DataFrame)
    assert len(outputs["optimism"]) == 15


def test_clinical_and_cdlr_are_given_for_what_is_known_before_and_for_both(outputs):
    table = outputs["added_value"]
    for cohort in COHORTS:
        views = table[table["cohort"] == cohort].groupby("view", sort=False)["model"].agg(list)
        assert views["known before the image is read"] == ["clinical_before", "cdlr_before"]
        assert views["both groups"] == ["clinical", "cdlr"]
