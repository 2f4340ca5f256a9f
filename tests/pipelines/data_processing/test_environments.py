from pathlib import Path

import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging.quality import CHECKS
from spl_kedro.pipelines.data_processing.nodes import check_cohort, split_cohort
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.settings import CONFIG_LOADER_ARGS

ROOT = Path(__file__).parents[3]


def configuration(environment: str) -> dict:
    resolvers = CONFIG_LOADER_ARGS["custom_resolvers"]
    arguments = CONFIG_LOADER_ARGS | {"custom_resolvers": resolvers}
    loader = OmegaConfigLoader(str(ROOT / "conf"), env=environment, **arguments)
    return loader["parameters"]


def test_the_default_study_has_the_papers_size():
    parameters = configuration("base")
    phantom = SimulationParameters(**parameters["simulation"])
    assert phantom.training_centre.patients == 609
    assert phantom.external_centre.patients == 200
    assert DeepSettings(**parameters["deep_features"]).components == 128
    assert parameters["radiomics"]["extraction"]["preset"] == "us2d-1561"


@pytest.mark.parametrize("environment", ["base", "test", "breast", "busi", "busbra", "study"])
def test_each_environment_describes_its_cohort_in_full(environment):
    settings = CohortSettings(**configuration(environment)["data_processing"])
    assert settings.simulated is (environment in ("base", "test"))


@pytest.mark.breast
def test_breast_has_252_lesions_without_its_leaking_columns(breast_dir, monkeypatch):
    from spl_kedro.datasets.image_folder import ImageFolderDataset

    settings = CohortSettings(**configuration("breast")["data_processing"])
    (path,) = breast_dir.glob("*.xlsx")
    table = pd.read_excel(path, dtype=str, keep_default_na=False)
    datasets = "spl_kedro.datasets.image_folder"
    images = ImageFolderDataset(
        path=str(breast_dir / "images"), dataset=f"{datasets}.UltrasoundImageDataset"
    )
    masks = ImageFolderDataset(path=str(breast_dir / "masks"), dataset=f"{datasets}.OutlineDataset")
    checked, lesions, reader2, findings, quality, columns, *_ = check_cohort(
        table, images.load(), masks.load(), {}, settings
    )
    assert len(checked) == len(lesions) == 252
    assert reader2 == {}
    of_quality = {str(check.rule) for check in CHECKS}
    out = findings["action"] == "quarantined"
    quarantine = findings[out]
    assert set(findings[~out]["rule"]) <= of_quality
    assert quality["lesion_id"].nunique() == 252
    # Callipers that were painted over show in the colours; no image has any left.
    found = quality[quality["found"]]["check"].value_counts()
    assert found["painted_over"] >= 28
    assert not {"text", "callipers", "colour_doppler", "body_mark", "dual_view"} & set(found.index)
    assert set(quarantine["rule"]) == {"benign or malignant by the reference standard"}
    assert len(quarantine) == 4
    use = columns.set_index("column")
    for leak in ("BIRADS", "Interpretation", "Verification", "Diagnosis"):
        assert use.loc[leak, "use"] == "excluded"
        assert len(use.loc[leak, "reason"]) > 20
    cohort = split_cohort(checked.drop(columns="second_reader"), settings)
    assert cohort["cohort"].value_counts().to_dict() == {"training": 201, "validation": 51}
    assert not cohort["simulated"].any()
