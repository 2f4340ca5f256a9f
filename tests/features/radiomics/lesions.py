"""Lesions to measure: speckle made here, and the BrEaST cases where they are at hand."""

import numpy as np
from scipy import ndimage

from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.imaging import Lesion


def speckle_image(seed, height=72, width=90):
    """Return an 8-bit image of band-limited Rayleigh speckle."""
    rng = np.random.default_rng(seed)
    real, imaginary = (
        ndimage.gaussian_filter(rng.standard_normal((height, width)), (0.8, 1.4)) for _ in range(2)
    )
    envelope = np.hypot(real, imaginary)
    decibel = 20 * np.log10(envelope / envelope.max() + 1e-3)
    return np.clip((decibel + 50) / 50 * 255, 0, 255).astype(np.uint8).astype(np.float64)


def ellipse(height, width, centre, radii):
    """Return a mask of an ellipse, cut off at the image border."""
    y, x = np.ogrid[:height, :width]
    return ((y - centre[0]) / radii[0]) ** 2 + ((x - centre[1]) / radii[1]) ** 2 <= 1


def speckle_lesion(name="speckle", seed=0, centre=(35, 42), radii=(11, 15), spacing=None):
    """Return a lesion of speckle with an elliptical outline."""
    image = speckle_image(seed)
    return Lesion(name, image, ellipse(*image.shape, centre, radii), spacing)


def stock_values(lesion, settings):
    """Return pyradiomics' own values of a lesion."""
    stock = RadiomicsSettings(**{**settings.model_dump(), "engine": "stock"})
    return lesion_features(lesion, stock)


def relative_difference(ours, theirs):
    """Return |a - b| / max(|a|, |b|) elementwise, 0 where equal."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    largest = np.maximum(np.abs(ours), np.abs(theirs))
    difference = np.abs(ours - theirs)
    return np.divide(difference, largest, out=np.zeros_like(difference), where=difference > 0)


def breast_lesion(folder, name):
    """Read a BrEaST case as its reference table was made."""
    from PIL import Image

    picture = Image.open(folder / "images" / f"{name}.png").convert("RGBA")
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    grey = np.array(Image.alpha_composite(black, picture).convert("L"), dtype=np.float64)
    outline = Image.open(folder / "masks" / f"{name}_tumor.png").convert("RGBA")
    return Lesion(name, grey, np.array(outline)[..., 3] > 127)
