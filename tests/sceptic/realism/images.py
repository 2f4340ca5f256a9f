"""Images of pure speckle, whose statistics are known."""

import numpy as np
from scipy.ndimage import gaussian_filter


def speckle(
    rng: np.random.Generator,
    shape: tuple[int, int] = (300, 300),
    size: tuple[float, float] = (1.2, 2.4),
    dynamic_range_db: float = 60.0,
    gain_db: float = -25.0,
) -> np.ndarray:
    """Return a log-compressed image (0 to 255) of fully developed speckle.

    `size` is the standard deviation in pixels of the Gaussian that correlates the complex echo.
    """
    parts = [gaussian_filter(rng.normal(size=shape), size, mode="wrap") for _ in range(2)]
    amplitude = np.hypot(*parts)
    amplitude *= 10 ** (gain_db / 20) / np.sqrt((amplitude**2).mean())
    return np.clip(255 * (1 + 20 * np.log10(amplitude) / dynamic_range_db), 0, 255)
