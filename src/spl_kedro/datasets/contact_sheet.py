"""Several pictures as one, which kedro-viz can preview."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from kedro_datasets._typing import ImagePreview

if TYPE_CHECKING:
    from PIL.Image import Image

_HEAD = 40  # pixels of the line with the label


def contact_sheet(
    pictures: Sequence[Image],
    label: str | None = None,
    *,
    columns: int = 4,
    tile: int = 240,
    background: str = "black",
) -> ImagePreview:
    """Return pictures side by side as a PNG (base64), under a label.

    Parameters
    ----------
    pictures : sequence of PIL images
        Made smaller where they are larger than a tile.
    label : str, optional
        Written above them; none takes no room.
    columns : int
        Pictures in a row. kedro-viz makes a preview as high as its page and cuts it at the sides:
        better too few than too many.
    tile : int
        Largest width and height of one, in pixels; a row is as high as the highest.
    background : str
        Colour between them.

    Examples
    --------
    >>> from PIL import Image
    >>> sheet = contact_sheet([Image.new("L", (320, 100))] * 3, "Simulated patients", columns=2)
    >>> Image.open(BytesIO(base64.b64decode(sheet))).size
    (480, 190)
    """
    from PIL import Image, ImageDraw, ImageFont

    top = _HEAD if label else 0
    rows = -(-max(len(pictures), 1) // columns)
    small = [picture.convert("RGB") for picture in pictures]
    for picture in small:
        picture.thumbnail((tile, tile))
    height = max((picture.height for picture in small), default=tile)
    sheet = Image.new("RGB", (columns * tile, top + rows * height), background)
    ImageDraw.Draw(sheet).text(
        (8, 4), label or "", fill="white", font=ImageFont.load_default(size=0.7 * _HEAD)
    )
    for position, picture in enumerate(small):
        sheet.paste(picture, (position % columns * tile, top + position // columns * height))
    buffer = BytesIO()
    sheet.save(buffer, format="PNG")
    return ImagePreview(base64.b64encode(buffer.getvalue()).decode())
