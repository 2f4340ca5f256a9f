"""Images that were drawn on: measured, and warned of."""

import numpy as np
from PIL import Image
from tests.imaging.quality.drawn import written_on
from tests.matrix.kinds import Register

from spl_kedro.rules import Rule

kind = Register("Images drawn on")


@kind.warned(Rule.NO_TEXT, Rule.NO_TEXT.remedy)
def text_burned_in(case):
    """A name burned into the image"""
    drawn = written_on(case.grey, "SMITH, JOHN")
    case.image(drawn), case.outline()
    case.grey = np.asarray(Image.fromarray(drawn).convert("L"))


@kind.warned(Rule.NO_CALLIPERS, Rule.NO_CALLIPERS.remedy)
def callipers_at_the_lesion(case):
    """Callipers at the lesion"""
    rows, columns = np.nonzero(case.mask)
    case.grey = case.grey.copy()
    for column in (columns.min(), columns.max()):
        row = int(rows[columns == column].mean())
        case.grey[row, column - 7 : column + 8] = 255
        case.grey[row - 7 : row + 8, column] = 255
    case.image(), case.outline()


@kind.warned(Rule.GREY_LEVELS, Rule.GREY_LEVELS.remedy)
def sixteen_grey_values(case):
    """An image of sixteen grey values"""
    case.grey = case.grey // 16 * 16
    case.image(), case.outline()
