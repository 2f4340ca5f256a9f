"""All kinds, in the order of the page; importing the modules registers them."""

from tests.matrix.cases import cells, dicom, files, grey_values, names, outlines, places

#: Those that are put into one cohort.
CASES = [
    one
    for module in (files, grey_values, dicom, places, names, outlines, cells)
    for one in module.kind.kinds
]
