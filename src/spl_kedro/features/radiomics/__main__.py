"""Compile the engine for this processor: ``python -m spl_kedro.features.radiomics``.

It measures one drawn lesion, so that numba compiles what a study needs, and keeps it on disk beside
the source. Without it the first lesion that is measured waits for that, about half a minute.
"""

import numpy as np

from spl_kedro.features.radiomics import measure


def main() -> None:
    """Measure a disc of noise under the default settings."""
    rows, columns = np.mgrid[:96, :128]
    mask = np.hypot(rows - 48, columns - 64) < 24
    measure(np.random.default_rng(0).integers(0, 256, mask.shape).astype(float), mask)


if __name__ == "__main__":
    main()
