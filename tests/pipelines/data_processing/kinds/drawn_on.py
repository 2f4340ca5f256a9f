"""Images that were drawn on: measured, and warned of."""

import numpy as np
from PIL import Image
from tests.imaging.quality.drawn import written_on
from tests.pipelines.data_processing.kinds.hospital import kind


@kind(warned="an image without burned-in text")
def text_burned_in(case):
    drawn = written_on(case.grey, "SMITH, JOHN")
    case.image(drawn), case.outline()
    case.grey = np.asarray(Image.fromarray(drawn).convert("L"))


@kind(warned="a lesion without callipers")
def callipers_at_the_lesion(case):
    rows, columns = np.nonzero(case.mask)
    case.grey = case.grey.copy()
    for column in (columns.min(), columns.max()):
        row = int(rows[columns == column].mean())
        case.grey[row, column - 7 : column + 8] = 255
        case.grey[row - 7 : row + 8, column] = 255
    case.image(), case.outline()


@kind(warned="an image with enough grey values")
def sixteen_grey_values(case):
    case.grey = case.grey // 16 * 16
    case.image(), case.outline()
