"""Compile the engine for this processor: ``python -m spl_kedro.features.radiomics``.

It measures one drawn lesion and maps a small one, so that numba compiles what a study needs, and
keeps it on disk beside the source. Without it the first lesion that is measured waits for that,
about half a minute, and the first that is mapped some ten seconds more.
"""

import numpy as np

from spl_kedro.features.radiomics import measure
from spl_kedro.features.radiomics.maps import map_features, mappable_features


def main() -> None:
    """Measure a disc of noise under the default settings, and map a smaller one."""
    rows, columns = np.mgrid[:96, :128]
    distance = np.hypot(rows - 48, columns - 64)
    image = np.random.default_rng(0).integers(0, 256, distance.shape).astype(float)
    measure(image, distance < 24)
    mapped = [name for name in mappable_features("us2d-1561") if name.startswith("original_")]
    map_features(image, distance < 5, mapped)


if __name__ == "__main__":
    main()
