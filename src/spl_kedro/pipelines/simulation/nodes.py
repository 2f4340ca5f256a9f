"""Nodes of the simulation pipeline."""

import logging

import numpy as np
import pandas as pd

from spl_kedro import simulation
from spl_kedro.pipelines.simulation.parameters import SimulationParameters

logger = logging.getLogger(__name__)

Images = dict[str, np.ndarray]


def simulate_hospitals(
    parameters: SimulationParameters,
) -> tuple[pd.DataFrame, Images, Images, Images]:
    """Simulate what two hospitals hand over: a table, images and outlines.

    Parameters
    ----------
    parameters : SimulationParameters
        The simulated study.

    Returns
    -------
    table : pandas.DataFrame
        The hospitals' table, every value text as in a spreadsheet.
    images, masks, reader2_masks : dict of str to ndarray of uint8
        By file name: B-mode images, reader 1's outlines, and reader 2's for some lesions.
    """
    cohort = simulation.simulate_cohort(parameters, progress=parameters.progress)
    patients = cohort.table.drop_duplicates("patient_id")
    logger.info(
        "%d simulated patients, %d of them malignant, %d images; %d outlined by two readers",
        len(patients),
        (patients["pathology"] == "malignant").sum(),
        len(cohort.table),
        len(cohort.reader2_masks),
    )
    return cohort.table, cohort.images, cohort.masks, cohort.reader2_masks


def simulate_readers(cohort_table: pd.DataFrame, parameters: SimulationParameters) -> pd.DataFrame:
    """Simulate readers' scores with and without a tool, for lesions of the hospitals' table."""
    return simulation.simulate_reader_scores(cohort_table, parameters.reader_study, parameters.seed)
