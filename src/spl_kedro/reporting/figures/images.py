"""Ready-made pictures (SHAP, Grad-CAM panels) as PNG or JPEG bytes small enough for one file."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.drawing import StoredFigure

MAX_WIDTH = 1800
PNG_LIMIT = 700_000


def as_image(picture: Any) -> Image.Image:
    """Return any kind of ready-made picture as a PIL image.

    Parameters
    ----------
    picture : bytes, StoredFigure, PIL.Image.Image, matplotlib Figure or ndarray of uint8
        Bytes hold an image file; an array has shape (height, width) or (height, width, 3 or 4).

    Returns
    -------
    PIL.Image.Image
        RGB, transparency on white.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(picture, Figure):
        buffer = io.BytesIO()
        picture.savefig(buffer, format="png", dpi=160)
        picture = buffer.getvalue()
    if isinstance(picture, StoredFigure):
        picture = picture.png
    if isinstance(picture, bytes):
        picture = Image.open(io.BytesIO(picture))
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    if not isinstance(picture, Image.Image):
        raise TypeError(
            f"a figure of the report is a {type(picture).__name__}: pass PNG bytes, a PIL image, "
            "a matplotlib figure or an array of uint8"
        )
    if picture.mode == "RGB":
        return picture
    rgba = picture.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def data_uri(picture: Any) -> tuple[str, int, int]:
    """Return a picture as a data URI with its width and height in pixels.

    Wider than `MAX_WIDTH` is scaled down; a PNG over `PNG_LIMIT` bytes becomes a JPEG of high
    quality, so that the report stays small.
    """
    image = as_image(picture)
    if image.width > MAX_WIDTH:
        height = round(image.height * MAX_WIDTH / image.width)
        image = image.resize((MAX_WIDTH, height), Image.Resampling.LANCZOS)
    buffer, kind = io.BytesIO(), "png"
    image.save(buffer, "PNG")
    if buffer.tell() > PNG_LIMIT:
        buffer, kind = io.BytesIO(), "jpeg"
        image.save(buffer, "JPEG", quality=88)
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"data:image/{kind};base64,{encoded}", image.width, image.height
