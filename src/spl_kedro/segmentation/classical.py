"""The classical way: a random walker from what is surely lesion and what is surely not."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.imaging.crops import Window
from spl_kedro.segmentation.prompts import Prompt
from spl_kedro.segmentation.settings import ClassicalSettings
from spl_kedro.segmentation.views import marked, view_of

_LESION, _ELSEWHERE = 1, 2


def random_walk(
    image: np.ndarray, prompt: Prompt, window: Window, settings: ClassicalSettings
) -> np.ndarray:
    """Return how probably a walker from each pixel comes first to the lesion's core.

    It walks on the smoothed square, slower over steps in grey values (Grady, IEEE Trans Pattern
    Anal Mach Intell 2006;28:1768). Surely lesion is an ellipse in the middle of the box, or a disc
    at the click; surely not is what lies outside of the box, or of the circle in the square.

    Parameters
    ----------
    image : ndarray, shape (height, width)
        Grey values 0 to 255.
    prompt : Prompt
    window : Window
    settings : ClassicalSettings

    Returns
    -------
    ndarray of float32, shape (size, size)
        0 to 1, in the square.
    """
    from skimage.segmentation import random_walker

    size = settings.size
    grey = view_of(image, window, size)
    if settings.smoothing:
        grey = ndimage.gaussian_filter(grey, settings.smoothing)
    core, outside = _seeds(prompt, window, settings)
    seeds = np.zeros((size, size), dtype=np.int32)
    seeds[outside] = _ELSEWHERE
    seeds[core] = _LESION
    if np.ptp(grey) == 0 or not outside.any() or (seeds != 0).all():
        return (seeds == _LESION).astype(np.float32)
    # Exactly: whatever the machine, no iteration stops early.
    walked = random_walker(
        grey.astype(np.float64), seeds, beta=settings.beta, mode="bf", return_full_prob=True
    )
    return walked[0].astype(np.float32)


def _seeds(
    prompt: Prompt, window: Window, settings: ClassicalSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is surely lesion and what is surely not, shape (size, size) each."""
    size = settings.size
    scale = size / window.side
    row, column = prompt.centre
    row, column = (row - window.top) * scale, (column - window.left) * scale
    down, across = (np.arange(size) + 0.5)[:, None], (np.arange(size) + 0.5)[None]
    if prompt.width is None or prompt.height is None:
        radius = max(settings.core * size / 20, 1.0)
        core = (down - row) ** 2 + (across - column) ** 2 <= radius**2
        outside = (down - row) ** 2 + (across - column) ** 2 > (size / 2) ** 2
        return core, outside
    tall, wide = (
        max(settings.core * side * scale / 2, 1.0) for side in (prompt.height, prompt.width)
    )
    core = ((down - row) / tall) ** 2 + ((across - column) / wide) ** 2 <= 1
    return core, marked(prompt, window, size) == 0
