"""The step that simulates new patients."""

from __future__ import annotations

import pandas as pd

from spl_kedro import simulation
from spl_kedro.pipelines.simulation.nodes import Images
from spl_kedro.pipelines.simulation.parameters import SimulationParameters

#: Columns that tell the diagnosis.
DIAGNOSIS = ("pathology", "histology")
PATIENTS = 3


def simulate_new_patients(parameters: SimulationParameters) -> tuple[pd.DataFrame, Images, Images]:
    """Simulate patients of the second hospital whom no study has seen.

    Returns
    -------
    table : DataFrame
        Without diagnosis.
    images, outlines : dict of str to ndarray of uint8
    """
    nobody = parameters.readers.model_copy(update={"second_lesions": 0})
    new = parameters.model_copy(
        update={
            "seed": parameters.seed + 1,
            "training_centre": parameters.training_centre.model_copy(update={"patients": 2}),
            "external_centre": parameters.external_centre.model_copy(update={"patients": PATIENTS}),
            "readers": nobody,
        }
    )
    cohort = simulation.simulate_cohort(new, progress=parameters.progress)
    table = cohort.table[cohort.table["centre"] == parameters.external_centre.name]
    table = table.drop(columns=[name for name in DIAGNOSIS if name in table])
    order = {patient: f"NEW{at}" for at, patient in enumerate(table["patient_id"].unique(), 1)}
    patients = table["patient_id"].map(order)
    view = table["case_id"].str.extract(r"(_\d+)$", expand=False).fillna("")
    table = table.assign(case_id=patients + view, patient_id=patients)
    return (
        table,
        {name: cohort.images[name] for name in table["image_file"]},
        {name: cohort.masks[name] for name in table["outline_file"]},
    )
