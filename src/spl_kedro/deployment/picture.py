"""The pictures of a case's page: the lesion as the network saw it, and where it finds evidence."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image
from scipy.ndimage import binary_erosion

from spl_kedro.explainability.lesion_map import LesionMap

#: Edge of a picture on the page, in pixels.
EDGE = 420
# Orange for the outline and for evidence: told from grey by everybody.
_OUTLINE = np.array([255, 176, 0], float)
_EVIDENCE = np.array([235, 80, 0], float)


def lesion_pictures(lesion: LesionMap) -> tuple[str, str]:
    """Return a lesion with its outline, and with the map laid over it.

    Parameters
    ----------
    lesion : LesionMap

    Returns
    -------
    tuple of str
        Data URIs of PNG pictures, `EDGE` pixels wide.
    """
    grey = _resized(np.clip(lesion.image, 0, 255), Image.Resampling.BICUBIC)
    inside = _resized(lesion.mask * 255.0, Image.Resampling.BILINEAR) >= 127.5
    edge = inside & ~binary_erosion(inside, iterations=2, border_value=1)
    colours = np.repeat(np.clip(grey, 0, 255)[..., None], 3, axis=2)
    strongest = lesion.saliency.max()
    share = _resized(lesion.saliency / strongest if strongest > 0 else lesion.saliency * 0.0,
                     Image.Resampling.BILINEAR)  # fmt: skip
    weight = 0.65 * np.clip(share, 0, 1)[..., None]
    mapped = (1 - weight) * colours + weight * _EVIDENCE
    for picture in (colours, mapped):
        picture[edge] = _OUTLINE
    return _data_uri(colours), _data_uri(mapped)


def _resized(values: np.ndarray, how: Image.Resampling) -> np.ndarray:
    picture = Image.fromarray(values.astype(np.float32))
    return np.asarray(picture.resize((EDGE, EDGE), how), float)


def _data_uri(colours: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.round(np.clip(colours, 0, 255)).astype(np.uint8)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
