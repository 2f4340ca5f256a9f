"""All kinds, in the order of the page; importing the modules registers them."""

from tests.matrix import mistakes
from tests.matrix.cases import (
    annotations,
    cells,
    clips,
    copies,
    decoding,
    dicom,
    drawn_on,
    files,
    grey_values,
    names,
    outlines,
    places,
)
from tests.matrix.tables import forms, refused, settled

#: Those that are put into one cohort.
CASES = [
    one
    for module in (
        *(files, grey_values, dicom, drawn_on, copies, places, names, outlines, cells, decoding),
        *(annotations, clips),
    )
    for one in module.kind.kinds
]

#: Each a study of its own.
TABLES = [one for module in (forms, settled, refused) for one in module.kind.kinds]

#: Each a command of its own.
MISTAKES = mistakes.kind.kinds
