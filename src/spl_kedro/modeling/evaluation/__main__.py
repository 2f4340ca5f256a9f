"""Compile what is compiled here for this processor: ``python -m spl_kedro.modeling.evaluation``.

numba keeps it on disk beside the source; without it the first evaluation waits for it.
"""

import numpy as np

from spl_kedro.by_row import row_products
from spl_kedro.modeling.evaluation.calibration import calibration_slope
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.threshold_resampling import class_share_errors, resampled_cuts
from spl_kedro.modeling.evaluation.units import Cell


def main() -> None:
    """Evaluate a few drawn scores, and weigh some features."""
    rng = np.random.default_rng(0)
    label, weights = np.tile([0.0, 1.0], 20), np.ones((2, 40))
    calibration_slope(label, rng.random(40), weights)
    lesion, folds = np.arange(40), np.repeat([[0, 1]], 20, axis=1)
    cell = Cell("", "", "training", lesion, lesion, label, rng.random((1, 40)), folds)
    class_share_errors(cell, resampled_cuts(cell, weights, EvaluationSettings()), weights)
    row_products(rng.random((2, 3)), rng.random(3))


if __name__ == "__main__":
    main()
