import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.radiomics import create_pipeline
from spl_kedro.pipelines.radiomics.nodes import judge_stability, measure_radiomics

PARAMETERS = RadiomicsParameters(
    execution={"backend": "threads", "workers": 1, "progress": False}, cache={"enabled": False}
)


def _lesion(seed, grow=0):
    rng = np.random.default_rng(seed)
    image = np.round(ndimage.gaussian_filter(rng.rayleigh(60, (48, 56)), 0.7).clip(0, 255))
    y, x = np.ogrid[:48, :56]
    mask = ((y - 24) / (7 + seed % 4 + grow)) ** 2 + ((x - 28) / (9 + grow)) ** 2 <= 1
    return Lesion(f"L{seed}", image, mask)


LESIONS = {f"L{k}": (lambda k=k: _lesion(k)) for k in range(6)}
READER2 = {f"L{k}": (lambda k=k: _lesion(k, grow=1)) for k in range(6)}
COHORT = pd.DataFrame(
    {"cohort": ["training"] * 6, "simulated": True},
    index=pd.Index(sorted(LESIONS), name="lesion_id"),
)


def test_the_nodes_give_features_schema_quarantine_and_stability():
    features, schema, quarantine = measure_radiomics(LESIONS, COHORT, PARAMETERS)
    assert features.shape == (6, 1561)
    assert list(schema.index) == list(features.columns)
    assert quarantine.empty
    stability, drawing = judge_stability(features, schema, LESIONS, READER2, COHORT, PARAMETERS)
    assert list(stability.index) == list(features.columns)
    assert set(stability["source"]) == {"second reader"}
    assert stability["icc"].between(-1, 1).sum() > 1100
    assert len(drawing.figure().axes) == 2


@pytest.mark.parametrize("second_reader", [True, False])
def test_only_training_lesions_say_which_features_are_stable(second_reader):
    # Fault: validation lesions among those both readers outlined choose the features of models.
    everyone = {f"L{k}": (lambda k=k: _lesion(k)) for k in range(8)}
    cohort = pd.DataFrame(
        {"cohort": ["training"] * 6 + ["validation", "external"], "simulated": True},
        index=pd.Index(sorted(everyone), name="lesion_id"),
    )
    found = [_stability_of(everyone, cohort, grow, second_reader) for grow in (1, 4)]
    assert set(found[0]["lesions"]) == {6}
    pd.testing.assert_frame_equal(*found)


def _stability_of(everyone, cohort, grow, second_reader):
    """Return the stability where lesions outside training are outlined by so much otherwise."""
    lesions = everyone | {f"L{k}": (lambda k=k: _lesion(k, grow)) for k in (6, 7)}
    reader2 = READER2 | {f"L{k}": (lambda k=k: _lesion(k, -grow)) for k in (6, 7)}
    features, schema, _ = measure_radiomics(lesions, cohort, PARAMETERS)
    second = reader2 if second_reader else {}
    return judge_stability(features, schema, lesions, second, cohort, PARAMETERS)[0]


def test_too_few_training_lesions_of_a_second_reader_are_perturbed_instead():
    features, schema, _ = measure_radiomics(LESIONS, COHORT, PARAMETERS)
    cohort = COHORT.assign(cohort=["training"] * 4 + ["validation"] * 2)
    stability, _ = judge_stability(features, schema, LESIONS, READER2, cohort, PARAMETERS)
    assert set(stability["source"]) == {"perturbed outlines"}
    assert stability["icc"].isna().all()
    assert not stability["stable"].any()


def test_without_a_second_reader_outlines_are_perturbed():
    features, schema, _ = measure_radiomics(LESIONS, COHORT, PARAMETERS)
    stability, _ = judge_stability(features, schema, LESIONS, {}, COHORT, PARAMETERS)
    assert set(stability["source"]) == {"perturbed outlines"}
    assert set(stability["outlines"]) == {6}


def test_a_cohort_without_a_measurable_lesion_stops_with_the_reason():
    lesions = {"L0": lambda: Lesion("L0", np.ones((9, 9)) * 50, np.zeros((9, 9), dtype=bool))}
    with pytest.raises(ValueError, match="outline is empty"):
        measure_radiomics(lesions, COHORT.loc[["L0"]], PARAMETERS)


def test_the_pipeline_produces_what_the_catalog_names():
    assert create_pipeline().outputs() == {
        "radiomics_findings", "radiomics_stability", "radiomics_stability_figure",
    }  # fmt: skip
    assert {"radiomics_features", "radiomics_schema"} <= create_pipeline().all_outputs()
