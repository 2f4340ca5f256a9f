"""The step from boxes to outlines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.pipelines.data_processing.nodes import case_readers
from spl_kedro.pipelines.outline_new_images.parameters import OutlineNewImagesParameters
from spl_kedro.segmentation import AssistedOutlinesParameters

log = logging.getLogger(__name__)


def outline_new_images(
    boxes: pd.DataFrame,
    images: dict[str, Callable[[], Any]],
    networks: Mapping[str, Any],
    settings: CohortSettings,
    assisted: AssistedOutlinesParameters,
    parameters: OutlineNewImagesParameters,
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Outline each lesion that a row of the table points at; name those that failed."""
    from spl_kedro.segmentation import outline_boxes, read_boxes
    from spl_kedro.tabular import counted

    states = {name: load() if callable(load) else load for name, load in networks.items()}
    readers = case_readers(images, settings.decoding.limits)
    minimum = settings.quality.minimum_lesion_pixels
    wanted = read_boxes(boxes)
    outlines, findings = outline_boxes(readers, wanted, states, assisted, minimum)
    log.info("%d of %d lesions outlined by the %s.", len(outlines), len(wanted), assisted.written)
    if len(findings):
        told = counted(findings["rule"].value_counts())
        log.warning("Not outlined, rules broken (see the findings): %s.", told)
    return outlines, findings
