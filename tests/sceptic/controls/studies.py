"""Small simulated studies whose signal is known: size alone, the scanner alone, texture alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from spl_kedro.cohort.acquisition import Taking, acquisition_table
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters, extract_features
from spl_kedro.features.radiomics import feature_schema
from spl_kedro.imaging import Lesion
from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.sceptic.controls.inputs import ControlInputs
from spl_kedro.sceptic.controls.settings import ControlSettings
from spl_kedro.simulation import PhantomSettings, simulate_cohort
from spl_kedro.simulation.settings import CaseMix, CentreSettings, ReaderSettings, ScannerSettings
from spl_kedro.simulation.traits import Distribution, Trait, TraitSettings

PATIENTS = 160
# Coarse beams and few pixels, one depth for all lesions: seconds for a study.
COARSE = {
    "lines": 96, "axial_step_mm": 0.25, "depths_mm": (85.0,), "image_width": 288,
    "image_height": 216,
}  # fmt: skip
MODELING = SignatureSettings.model_validate(
    {
        "selection": {"lasso_alphas": 20, "lasso_folds": 5},
        "classifier": {"calibration_folds": 3},
        "protocol": {"n_splits": 5, "n_repeats": 2},
        "n_jobs": 1,
    }
)
RADIOMICS = RadiomicsParameters.model_validate(
    {"execution": {"backend": "threads", "workers": 1, "progress": False}}
)
CONTROLS = ControlSettings(full_model="clinical_rad", permutations=5)


def alike(trait: Trait) -> Trait:
    """Return a trait that both classes have alike."""
    middle = (trait.benign.location + trait.malignant.location) / 2
    one = Distribution(location=middle, spread=trait.benign.spread)
    return trait.model_copy(update={"benign": one, "malignant": one})


def drawn(trait: Trait, benign: float, malignant: float, spread: float) -> Trait:
    """Return a trait with these locations and one spread."""
    return trait.model_copy(
        update={
            "benign": Distribution(location=benign, spread=spread),
            "malignant": Distribution(location=malignant, spread=spread),
        }
    )


def traits(named: dict[str, tuple[float, float, float]]) -> TraitSettings:
    """Return traits that are alike in both classes, but for those named: benign, malignant, SD."""
    known = TraitSettings()
    both = {name: alike(getattr(known, name)) for name in TraitSettings.model_fields}
    return known.model_copy(
        update=both | {name: drawn(both[name], *values) for name, values in named.items()}
    )


def phantom(kind: str, seed: int) -> PhantomSettings:
    """Return the settings of one of the three studies."""
    scanner = ScannerSettings(**COARSE)
    other = ScannerSettings(
        **COARSE, frequency_mhz=5.0, bandwidth=0.6, looks=3, dynamic_range_db=52, gamma=1.0
    )
    n = PATIENTS if kind != "scanner" else PATIENTS // 2
    fraction = 0.5 if kind != "scanner" else 0.85
    # Round lesions without air or necrosis, large enough for texture where size says nothing.
    plain = {
        "contact_angle_deg": (65.0, 65.0, 8.0),
        "air_bronchograms": (-4.0, -4.0, 2.0),
        "necrosis_fraction": (-0.3, -0.3, 0.14),
    }
    differing = {
        "size": {"size_mm": (26.0, 38.0, 0.25)},
        "scanner": {"size_mm": (40.0, 40.0, 0.25)},
        "texture": {"size_mm": (40.0, 40.0, 0.25)},
    }[kind] | plain
    return PhantomSettings(
        seed=seed,
        training_centre=CentreSettings(
            patients=n, case_mix=CaseMix(malignant_fraction=fraction), scanner=scanner
        ),
        external_centre=CentreSettings(
            name="centre_b",
            patients=PATIENTS - n,
            case_mix=CaseMix(malignant_fraction=1 - fraction),
            scanner=other,
        ),
        traits=traits(differing),
        readers=ReaderSettings(second_lesions=0),
        workers=1,
    )


def arranged(lesion: Lesion, malignant: bool, seed: int) -> Lesion:
    """Return a lesion whose own grey values lie in patches, larger ones in malignant lesions.

    The simulated trait of uneven texture widens the histogram too. Here each lesion keeps its grey
    values, outline and surroundings, so that only the arrangement knows the class.
    """
    rng = np.random.default_rng([seed, int(lesion.lesion_id.lstrip("SPL"))])
    share = np.clip(rng.normal(0.65 if malignant else 0.35, 0.12), 0, 1)
    patches = gaussian_filter(rng.standard_normal(lesion.mask.shape), 3)
    grain = rng.standard_normal(lesion.mask.shape)
    field = share * patches / patches.std() + (1 - share**2) ** 0.5 * grain
    image, values = lesion.image.copy(), np.sort(lesion.image[lesion.mask])
    image[lesion.mask] = values[np.argsort(np.argsort(field[lesion.mask]))]
    return replace(lesion, image=image)


def study(kind: str, seed: int = 1) -> ControlInputs:
    """Simulate a study, fit it, and return what its controls start from."""
    made = simulate_cohort(phantom(kind, seed))
    rows = made.table.set_index("case_id").rename_axis("lesion_id")
    lesions = {
        name: Lesion(
            name,
            made.images[f"{name}.png"].astype(float),
            made.masks[f"{name}.png"] > 0,
            (float(rows.loc[name, "pixel_size_mm"]),) * 2,
        )
        for name in rows.index
    }
    malignant = rows["pathology"] == "malignant"
    if kind == "texture":
        lesions = {name: arranged(own, malignant[name], seed) for name, own in lesions.items()}
    spacing = rows["pixel_size_mm"].astype(float)
    cohort = pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "site": rows["centre"],
            "label": malignant.astype("int64"),
            "cohort": "training",
            "spacing_row_mm": spacing,
            "spacing_col_mm": spacing,
            "image_sha256": "0" * 64,
            "simulated": True,
            "age": pd.to_numeric(rows["age"], errors="coerce"),
        }
    )
    loaders = {name: partial(_same, lesion) for name, lesion in lesions.items()}
    measured = extract_features(loaders, RADIOMICS.extraction, RADIOMICS.execution)
    sources = {
        "radiomics": SourceTables(measured.features, feature_schema(RADIOMICS.extraction.preset)),
        "deep": SourceTables(pd.DataFrame(index=cohort.index)),
    }
    table = assemble_study_table(cohort, sources)
    fitted = run_protocol(table, MODELING, "leak_free", ["rad", "clinical_rad"])
    takings = {
        name: Taking(Acquisition("PNG", 8), lesion.image.shape) for name, lesion in lesions.items()
    }
    return ControlInputs(
        table=table,
        fitted=fitted,
        cohort=cohort,
        acquisition=acquisition_table(takings, simulated=True),
        lesions=loaders,
        modeling=MODELING,
        evaluation=EvaluationSettings(),
        radiomics=RADIOMICS,
        deep=DeepSettings(),
        settings=CONTROLS,
    )


def _same(lesion: Lesion) -> Lesion:
    return lesion
