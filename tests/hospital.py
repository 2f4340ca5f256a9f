"""Simulated lesions handed over as a hospital would: a folder with table, images and outlines."""

from pathlib import Path

import pandas as pd
from PIL import Image

from spl_kedro import simulation


def simulate(patients: int) -> simulation.SimulatedCohort:
    """Simulate one hospital's patients, half of them malignant; the same for the same number."""
    one = {"malignant_fraction": 0.5}
    return simulation.simulate_cohort(
        simulation.PhantomSettings(
            seed=7,
            training_centre={"patients": patients, "case_mix": one},
            external_centre={"name": "centre_b", "patients": 0},
            readers={"second_lesions": 0},
            workers=1,
        )
    )


def hand_over(cohort: simulation.SimulatedCohort, folder: Path) -> pd.DataFrame:
    """Write images and outlines named as the lesion; return the table with `case_id`."""
    table = cohort.table
    for kind, files, column in (
        ("images", cohort.images, "image_file"),
        ("outlines", cohort.masks, "outline_file"),
    ):
        (folder / kind).mkdir(parents=True)
        for case, name in zip(table["case_id"], table[column], strict=True):
            Image.fromarray(files[name]).save(folder / kind / f"{case}.png")
    return table
