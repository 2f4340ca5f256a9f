"""Compile what is compiled here for this processor: ``python -m spl_kedro.modeling.evaluation``.

numba keeps it on disk beside the source; without it the first evaluation waits for it.
"""

import numpy as np

from spl_kedro.by_row import row_products
from spl_kedro.modeling.evaluation.calibration import calibration_slope


def main() -> None:
    """Fit the calibration slope of a few drawn scores, and weigh some features."""
    rng = np.random.default_rng(0)
    label = np.tile([0.0, 1.0], 20)
    calibration_slope(label, rng.random(40), np.ones((2, 40)))
    row_products(rng.random((2, 3)), rng.random(3))


if __name__ == "__main__":
    main()
