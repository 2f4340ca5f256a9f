"""Contact sheets: every outline on its image, small, so that a wrong one meets the eye."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from spl_kedro.imaging import Lesion

#: Of one picture, in pixels, and how many stand in a row and in a sheet.
WIDTH, HEIGHT, CAPTION = 168, 126, 16
COLUMNS, PER_SHEET = 7, 56
_OUTLINE = (255, 176, 0)
_UNREADABLE = "cannot be read any more"


def contact_sheets(
    lesions: Mapping[str, Callable[[], Lesion]], words: Mapping[str, str]
) -> Iterator[Image.Image]:
    """Yield sheets of images with their outlines, in the order given.

    Parameters
    ----------
    lesions : mapping of str to function
        Each read when its turn comes, so that one image at a time is held.
    words : mapping of str to str
        What stands beneath each, such as the diagnosis beside the key.

    Yields
    ------
    PIL.Image.Image
        RGB, `PER_SHEET` pictures or fewer.
    """
    names = list(lesions)
    for start in range(0, len(names), PER_SHEET):
        part = names[start : start + PER_SHEET]
        yield _sheet([_picture(lesions[name]) for name in part], [words[name] for name in part])


def outlined(lesion: Lesion, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return a lesion's whole image, scaled to fit, with the edge of its outline.

    Parameters
    ----------
    lesion : Lesion
    width, height : int
        Largest size, in pixels.
    """
    rows, columns = lesion.mask.shape
    scale = min(width / columns, height / rows)
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    grey = Image.fromarray(np.clip(lesion.image, 0, 255).astype(np.uint8))
    picture = grey.resize(size, Image.Resampling.BILINEAR).convert("RGB")
    mask = Image.fromarray(lesion.mask.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)
    inside = np.pad(np.asarray(mask) > 127, 1)
    if not inside.any():  # smaller than a pixel of the picture
        inside = np.pad(np.asarray(mask) > 0, 1)
    core = inside[1:-1, 1:-1].copy()
    for shifted in (inside[:-2, 1:-1], inside[2:, 1:-1], inside[1:-1, :-2], inside[1:-1, 2:]):
        core &= shifted
    pixels = np.array(picture)
    pixels[inside[1:-1, 1:-1] & ~core] = _OUTLINE
    return Image.fromarray(pixels)


def _picture(read: Callable[[], Lesion]) -> Image.Image | None:
    try:
        return outlined(read())
    except Exception:  # the file was there a moment ago; the run itself will quarantine it
        return None


def _sheet(pictures: Sequence[Image.Image | None], words: Sequence[str]) -> Image.Image:
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (WIDTH + 6), rows * (HEIGHT + CAPTION + 6)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for position, (picture, text) in enumerate(zip(pictures, words, strict=True)):
        left = position % COLUMNS * (WIDTH + 6) + 3
        top = position // COLUMNS * (HEIGHT + CAPTION + 6) + 3
        draw.text((left, top + HEIGHT), _fitting(text, font), fill="black", font=font)
        if picture is None:
            draw.text((left + 4, top + 4), _UNREADABLE, fill="black", font=font)
        else:
            away = (WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2
            sheet.paste(picture, (left + away[0], top + away[1]))
    return sheet


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Return a text, cut where the picture ends."""
    while font.getlength(text) > WIDTH and len(text) > 1:
        text = text[:-2].rstrip("…") + "…"
    return text
