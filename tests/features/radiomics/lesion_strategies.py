"""Hypothesis strategies for lesions, the ordinary and the odd."""

import numpy as np
from hypothesis import strategies as st

from spl_kedro.imaging import Lesion

from .lesions import ellipse, speckle_image


def _image(kind, rng, height, width):
    if kind == "speckle":
        return speckle_image(int(rng.integers(1_000_000)), height, width)
    if kind == "constant":
        return np.full((height, width), float(rng.integers(1, 256)))
    if kind == "two grey levels":
        return np.where(rng.random((height, width)) < 0.5, *rng.integers(2, 256, 2).astype(float))
    if kind == "8-bit noise":
        noise = rng.integers(0, 256, (height, width)).astype(float)
        noise[0, 0] = 255.0
        return noise
    return rng.uniform(0, 255, (height, width))


def _mask(kind, rng, height, width):
    mask = np.zeros((height, width), dtype=bool)
    if kind == "ellipse":
        return ellipse(height, width, (height / 2, width / 2), rng.uniform(2, height / 2, 2))
    if kind == "touching the border":
        corner = (rng.choice([0, height - 1]), rng.choice([0, width - 1]))
        return ellipse(height, width, corner, rng.uniform(2, height / 2, 2))
    if kind == "several components":
        first = ellipse(height, width, (3, 3), (2.5, 3))
        return first | ellipse(height, width, (height - 4, width - 5), (3, 2))
    if kind == "one pixel wide":
        for step in range(int(rng.integers(3, 9))):
            mask[2 + step, 1 + step] = True
        mask[2, 1 : int(rng.integers(2, 9))] = True
        return mask
    if kind == "scattered pixels":
        mask = rng.random((height, width)) < rng.uniform(0.1, 0.9)
        mask[0, 0] = False
        return mask
    top, left = rng.integers(0, 6, 2)
    mask[top : top + rng.integers(2, 4), left : left + rng.integers(2, 4)] = True
    return mask


IMAGES = ("speckle", "constant", "two grey levels", "8-bit noise", "any grey value")
MASKS = (
    "ellipse",
    "touching the border",
    "several components",
    "one pixel wide",
    "scattered pixels",
    "a few pixels",
)


@st.composite
def lesions(draw):
    """Draw a lesion of odd or even size, with or without a known pixel size."""
    height, width = draw(st.integers(14, 40)), draw(st.integers(14, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = _image(draw(st.sampled_from(IMAGES)), rng, height, width)
    mask = _mask(draw(st.sampled_from(MASKS)), rng, height, width)
    sizes = st.floats(0.05, 1.5)
    spacing = draw(st.none() | st.tuples(sizes, sizes))
    return Lesion("generated", image, mask, spacing)
