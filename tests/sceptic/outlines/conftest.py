"""A study of drawn lesions, small enough to be measured and fitted in seconds."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import binary_dilation, gaussian_filter
from tests.modeling.signatures.conftest import quick_settings

from spl_kedro.features.deep import FROZEN, DeepSettings, crop_all, embed_frozen, frozen_network
from spl_kedro.features.measurement import RadiomicsParameters, extract_features
from spl_kedro.features.radiomics import feature_schema
from spl_kedro.imaging import Lesion, Outline
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.sceptic.outlines.inputs import OutlineInputs
from spl_kedro.sceptic.outlines.settings import OutlineSettings
from spl_kedro.sceptic.outlines.study import Examined, examine_outlines

SIZES = {"training": 36, "validation": 14}
SIDE, PIXEL = 48, 0.5
RADIOMICS = RadiomicsParameters.model_validate(
    {
        "extraction": {"preset": "us2d-native"},
        "execution": {"backend": "threads", "workers": 1, "progress": False},
    }
)
DEEP = DeepSettings(
    image_size=32,
    architecture="resnet18",
    weights="none",
    trained_blocks=0,
    components=6,
    threads=1,
)
SETTINGS = OutlineSettings(sizes_mm=(0.5, 1.5), models=("rad", "dlr"))


def drawn_lesion(name: str, malignant: bool, seed: int) -> Lesion:
    """Return a lesion, an ellipse of mottled tissue; a malignant one is brighter and larger."""
    rng = np.random.default_rng([7, seed])
    down, across = np.mgrid[:SIDE, :SIDE] - SIDE / 2 + rng.uniform(-3, 3, (2, 1, 1))
    tall, wide = rng.uniform(8, 11, 2) + (1.5 if malignant else 0)
    mask = (down / tall) ** 2 + (across / wide) ** 2 <= 1
    tissue = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 1)
    image = 90 + 60 * tissue + np.where(mask, 25 + 12 * malignant + rng.normal(0, 8), 0)
    return Lesion(name, np.clip(image, 0, 255).round(), mask, (PIXEL, PIXEL))


def read(lesion: Lesion) -> Lesion:
    return lesion


def dilated(lesion: Lesion) -> Outline:
    return Outline(binary_dilation(np.asarray(lesion.mask)))


def of_another_size() -> Outline:
    return Outline(np.ones((3, 4), dtype=bool))


def make_inputs() -> OutlineInputs:
    """Fit Rad and DLR on the drawn lesions, and return what their examination starts from."""
    names = [f"SPL{i:04d}" for i in range(sum(SIZES.values()))]
    label = np.arange(len(names)) % 2
    lesions = {
        name: partial(read, drawn_lesion(name, bool(label[i]), i)) for i, name in enumerate(names)
    }
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(len(names))],
            "site": "A",
            "label": label,
            "cohort": np.repeat(list(SIZES), list(SIZES.values())),
            "spacing_row_mm": PIXEL,
            "spacing_col_mm": PIXEL,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": 55.0 + label,
        },
        index=pd.Index(names, name="lesion_id"),
    )
    measured = extract_features(lesions, RADIOMICS.extraction, RADIOMICS.execution)
    crops, _ = crop_all(lesions, DEEP)
    network = frozen_network(crops, cohort, DEEP)
    sources = {
        "radiomics": SourceTables(measured.features, feature_schema("us2d-native")),
        "deep": SourceTables(embed_frozen(crops, cohort, network, DEEP), components=6),
    }
    table = assemble_study_table(cohort, sources)
    fitted = run_protocol(table, quick_settings(), "leak_free", ["rad", "dlr"])
    chosen = evaluation.EvaluationSettings(n_bootstrap=100)
    return OutlineInputs(
        table=table,
        fitted=fitted.knowing(
            thresholds=evaluation.operating_thresholds(fitted.predictions, chosen)
        ),
        cohort=cohort,
        lesions=lesions,
        # Six lesions were outlined by a second reader, who draws what the first one drew.
        reader2={name: lesions[name] for name in names[:6]},
        radiomics=RADIOMICS,
        deep=DEEP,
        settings=SETTINGS,
        # A program outlined 20 of them by a pixel more, and another image in the place of one.
        others={
            "machine": {name: partial(dilated, lesions[name]()) for name in names[1:21]}
            | {names[0]: of_another_size}
        },
        networks={FROZEN: network.state_dict()},
    )


@pytest.fixture(scope="session")
def inputs() -> OutlineInputs:
    return make_inputs()


@pytest.fixture(scope="session")
def examined(inputs) -> Examined:
    return examine_outlines(inputs)
