"""Draws on images what the checks of their quality are to find."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

COLOURS = (
    (255, 255, 255),
    (255, 255, 255),
    (230, 230, 230),
    (255, 255, 0),
    (0, 255, 0),
    (0, 255, 255),
)
#: Invented: nobody's.
NAMES = ("SMITH, JOHN", "Doe Jane", "MUELLER ANNA", "KOWALSKI", "Patient A")
DATES = ("12/03/2021", "2019-11-05", "05.11.2019", "3 MAR 2020")
NUMBERS = ("1 D 1.24 cm", "ID 4711208", "2.35 cm", "MI 0.8", "12.4 mm")


def rgb_of(image):
    """Return an image as RGB, a copy."""
    return (np.repeat(image[..., None], 3, axis=-1) if image.ndim == 2 else image[..., :3]).copy()


def jpeg(image, quality):
    """Return an image as it comes out of a JPEG file."""
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer)).copy()


def _exported(image, rng):
    """Return the image as half of all exports would have it: through a good JPEG."""
    return jpeg(image, int(rng.integers(85, 96))) if rng.random() < 0.5 else image


def _box(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def text(image, mask, rng, words=None):
    """Write a name, a date or a number somewhere, on the image as it is."""
    picture = Image.fromarray(rgb_of(image))
    draw = ImageDraw.Draw(picture)
    words = words or str(rng.choice(NAMES + DATES + NUMBERS))
    font = ImageFont.load_default(int(rng.integers(11, 25)))
    width, height = draw.textlength(words, font), font.size
    left = rng.integers(2, max(3, picture.width - int(width) - 2))
    top = rng.integers(2, picture.height - height - 4)
    draw.text((left, top), words, fill=COLOURS[rng.integers(len(COLOURS))], font=font)
    return _exported(np.asarray(picture), rng)


def written_on(image, words):
    """Write words in white at the top left."""
    picture = Image.fromarray(rgb_of(image))
    font = ImageFont.load_default(18)
    ImageDraw.Draw(picture).text((8, 8), words, fill=(255, 255, 255), font=font)
    return np.asarray(picture)


def dots_across(image, mask, rng):
    """Draw a level dotted line in white through the middle of the lesion."""
    drawn = rgb_of(image)
    top, bottom, left, right = _box(mask)
    row = (top + bottom) // 2
    for column in range(left, right, 7):
        drawn[row : row + 2, column : column + 2] = 255
    return drawn


def _ends(mask, rng):
    """Return the ends of a measurement: across the lesion, at its edge."""
    top, bottom, left, right = _box(mask)
    if rng.random() < 0.5:
        row = int(rng.integers(top, bottom + 1))
        columns = np.flatnonzero(mask[row])
        return (row, columns[0]), (row, columns[-1])
    column = int(rng.integers(left, right + 1))
    rows = np.flatnonzero(mask[:, column])
    return (rows[0], column), (rows[-1], column)


def crosses(image, mask, rng):
    """Put two callipers at the lesion's edge."""
    picture = Image.fromarray(rgb_of(image))
    draw = ImageDraw.Draw(picture)
    arm, thick = int(rng.integers(4, 11)), int(rng.integers(1, 3))
    colour, upright = COLOURS[rng.integers(len(COLOURS))], rng.random() < 0.5
    for row, column in _ends(mask, rng):
        if upright:
            draw.line((column - arm, row, column + arm, row), fill=colour, width=thick)
            draw.line((column, row - arm, column, row + arm), fill=colour, width=thick)
        else:
            draw.line((column - arm, row - arm, column + arm, row + arm), fill=colour, width=thick)
            draw.line((column - arm, row + arm, column + arm, row - arm), fill=colour, width=thick)
    return _exported(np.asarray(picture), rng)


def dotted_line(image, mask, rng):
    """Draw a dotted line across the lesion, or a dotted ellipse around it."""
    drawn = rgb_of(image)
    spacing, size = rng.uniform(4.5, 10), int(rng.integers(1, 3))
    colour = COLOURS[rng.integers(len(COLOURS))]
    if rng.random() < 0.5:
        (r0, c0), (r1, c1) = _ends(mask, rng)
        count = max(6, round(np.hypot(r1 - r0, c1 - c0) / spacing))
        rows = r0 + np.arange(count) * spacing * (r1 - r0) / max(np.hypot(r1 - r0, c1 - c0), 1)
        columns = c0 + np.arange(count) * spacing * (c1 - c0) / max(np.hypot(r1 - r0, c1 - c0), 1)
    else:
        top, bottom, left, right = _box(mask)
        high, wide = (bottom - top) / 2 + 2, (right - left) / 2 + 2
        fine = np.linspace(0, 2 * np.pi, 4000)
        path = np.stack([high * np.sin(fine), wide * np.cos(fine)])
        walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=1)))])
        at = np.interp(np.arange(0, walked[-1] - spacing / 2, spacing), walked, fine)
        rows = (top + bottom) / 2 + high * np.sin(at)
        columns = (left + right) / 2 + wide * np.cos(at)
    for row, column in zip(np.rint(rows).astype(int), np.rint(columns).astype(int), strict=True):
        if 0 <= row < drawn.shape[0] - size and 0 <= column < drawn.shape[1] - size:
            drawn[row : row + size, column : column + size] = colour
    return _exported(drawn, rng)


def doppler(image, mask, rng):
    """Lay a box of flow, red and blue, over the lesion."""
    from scipy.ndimage import gaussian_filter

    drawn = rgb_of(image)
    top, bottom, left, right = _box(mask)
    flow = gaussian_filter(rng.normal(size=mask.shape), 6)
    flow /= flow.std()
    box = np.zeros_like(mask)
    box[max(top - 10, 0) : bottom + 10, max(left - 10, 0) : right + 10] = True
    for sign, colour in ((1, (220, 40, 20)), (-1, (30, 60, 220))):
        where = box & (sign * flow > rng.uniform(0.8, 1.6))
        drawn[where] = np.array(colour) * np.clip(np.abs(flow[where])[:, None] / 2, 0.4, 1)
    return _exported(drawn, rng)


def body_mark(image, mask, rng):
    """Draw a small breast with a probe, as scanners do, beside the lesion or in a corner."""
    picture = Image.fromarray(rgb_of(image))
    draw = ImageDraw.Draw(picture)
    side = int(rng.integers(36, 80))
    left = int(rng.integers(2, picture.width - side - 2))
    top = int(rng.integers(2, picture.height - side - 2))
    colour, thick = COLOURS[rng.integers(len(COLOURS))], int(rng.integers(1, 3))
    if rng.random() < 0.5:
        draw.rectangle((left - 2, top - 2, left + side + 2, top + side + 2), fill=(0, 0, 0))
    draw.ellipse((left, top, left + side, top + side), outline=colour, width=thick)
    middle = side // 2
    draw.ellipse(
        (left + middle - 4, top + middle - 4, left + middle + 4, top + middle + 4), outline=colour
    )
    angle = rng.uniform(0, 2 * np.pi)
    x, y = left + middle + middle * 0.6 * np.cos(angle), top + middle + middle * 0.6 * np.sin(angle)
    draw.line((x - 8, y, x + 8, y), fill=colour, width=thick + 1)
    return _exported(np.asarray(picture), rng)


def _beside(image, rng):
    """Return the image with, mostly, a black margin at its right, and the margin's column."""
    drawn = rgb_of(image)
    right = drawn.shape[1] - int(rng.integers(14, 40))
    if rng.random() < 0.7:  # as most scanners have it
        drawn[:, right - 10 :] = 0
    return drawn, right


def scale_line(image, mask, rng):
    """Draw an upright line with ticks."""
    drawn, right = _beside(image, rng)
    height, level = len(drawn), int(rng.integers(200, 256))
    drawn[height // 10 : height - height // 10, right : right + int(rng.integers(1, 3))] = level
    for row in range(height // 10, height - height // 10, int(rng.integers(16, 60))):
        drawn[row, right : right + 8] = level
    return _exported(drawn, rng)


def scale_ticks(image, mask, rng):
    """Draw the ticks of a depth scale alone."""
    drawn, right = _beside(image, rng)
    height, level, thick = len(drawn), int(rng.integers(200, 256)), int(rng.integers(1, 3))
    for row in range(height // 10, height - height // 10, int(rng.integers(16, 50))):
        drawn[row : row + thick, right : right + 8] = level
    return _exported(drawn, rng)


def grey_bar(image, mask, rng):
    """Draw a bar of all grey values."""
    drawn, right = _beside(image, rng)
    high = min(int(rng.integers(80, 200)), len(drawn) - 20)
    drawn[10 : 10 + high, right : right + 10] = np.linspace(250, 5, high)[:, None, None]
    return _exported(drawn, rng)


def dual(image, mask, rng):
    """Put two parts of the image side by side, with or without a gap."""
    drawn = rgb_of(image)
    width = drawn.shape[1]
    half = width // 2
    gap = int(rng.choice([0, 2, 6, 12]))
    left = drawn[:, :half]
    right = np.roll(drawn, int(rng.integers(40, 120)), axis=0)[
        ::-1, half - half // 3 : 2 * half - half // 3
    ]
    drawn[:, :half], drawn[:, half : half + right.shape[1]] = left, right
    drawn[:, half - gap // 2 : half + gap - gap // 2] = 0
    return _exported(drawn, rng)


def cut_by_edge(image, mask, rng):
    """Blacken what lies beyond a slanted edge through the lesion, as beyond a sector."""
    drawn = rgb_of(image)
    top, bottom, left, right = _box(mask)
    row, column = (top + bottom) / 2, left + rng.uniform(0.6, 0.85) * (right - left)
    rows, columns = np.indices(mask.shape)
    drawn[columns - column > rng.uniform(0.1, 0.5) * (rows - row)] = 0
    return drawn


def saturated(image, mask, rng):
    """Raise the gain until the brightest tenth to third of the lesion's surroundings is white."""
    drawn = rgb_of(image).astype(float)
    top, bottom, left, right = _box(mask)
    share = rng.uniform(0.67, 0.9)
    level = np.quantile(
        drawn[max(top - 10, 0) : bottom + 10, max(left - 10, 0) : right + 10], share
    )
    return np.clip(drawn * 255 / max(level, 1), 0, 255).astype(np.uint8)


def few_levels(image, mask, rng):
    """Keep 8 to 32 grey values."""
    grey = np.asarray(Image.fromarray(rgb_of(image)).convert("L"))
    step = 256 // int(rng.choice([8, 16, 32]))
    return grey // step * step + step // 2


def blocks(image, mask, rng):
    """Save as JPEG of quality 20, and cut a few pixels off, so that the grid starts anywhere."""
    top, left = rng.integers(0, 8, 2)
    drawn = jpeg(np.asarray(Image.fromarray(rgb_of(image)).convert("L")), 20)
    return np.pad(drawn[top:, left:], ((0, top), (0, left)), mode="edge")


def enlarged(image, mask, rng):
    """Halve the image's size and enlarge it twofold, as a screenshot of a small picture is."""
    grey = Image.fromarray(rgb_of(image)).convert("L")
    small = grey.resize((grey.width // 2, grey.height // 2), Image.Resampling.BOX)
    how = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    return np.asarray(small.resize(grey.size, how[rng.integers(3)]))


#: Check -> what draws a positive for it.
POSITIVES = {
    "text": text,
    "callipers": crosses,
    "dotted_line": dotted_line,
    "colour_doppler": doppler,
    "body_mark": body_mark,
    "scale_line": scale_line,
    "scale_ticks": scale_ticks,
    "grey_bar": grey_bar,
    "dual_view": dual,
    "sector_edge": cut_by_edge,
    "saturation": saturated,
    "few_grey_levels": few_levels,
    "jpeg_blocks": blocks,
    "upscaled": enlarged,
}
