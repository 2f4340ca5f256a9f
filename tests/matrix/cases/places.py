"""Places and sizes: outlines on grids of their own, names that begin alike, ultrasound regions."""

import numpy as np
import SimpleITK as sitk
from PIL import Image
from pydicom.dataset import Dataset
from tests.matrix.hospital import PIXEL
from tests.matrix.kinds import Register

kind = Register("Places and sizes")

SIZE = "a positive pixel size"
MEND = (
    "Correct the file's header, or state the pixel size in the table "
    "(data_processing.columns.spacing_mm)."
)
FLIPPED = (-1.0, 0.0, 0.0, 1.0)


def resampled(mask_image, image):
    """The outline on the image's grid, as SimpleITK places it."""
    placed = sitk.Resample(mask_image, image, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    return sitk.GetArrayFromImage(placed).astype(bool)


@kind()
def outline_on_a_flipped_grid(case):
    """An outline on a flipped grid"""
    case.grid("images", case.grey)
    origin = ((case.grey.shape[1] - 1) * PIXEL, 0)
    case.grid("outlines", case.mask[:, ::-1].astype(np.uint8), origin=origin, turn=FLIPPED)
    case.spacing = (PIXEL, PIXEL)


@kind()
def outline_cropped_to_its_extent(case):
    """An outline cropped to its extent (3D Slicer)"""
    rows, columns = (np.flatnonzero(case.mask.any(axis=axis)) for axis in (1, 0))
    part = case.mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    case.grid("images", case.grey, origin=(5, 7))
    origin = (5 + columns[0] * PIXEL, 7 + rows[0] * PIXEL)
    case.grid("outlines", part.astype(np.uint8), ".nii.gz", origin=origin)
    case.spacing = (PIXEL, PIXEL)


@kind()
def outline_on_a_finer_grid_of_other_aspect(case):
    """An outline on a finer grid of another aspect"""
    image = case.grid("images", case.grey, spacing=(PIXEL, 0.15))
    fine = np.asarray(Image.fromarray(case.mask).resize((400, 150), Image.Resampling.NEAREST))
    height, width = case.grey.shape
    spacing = (width * PIXEL / 400, height * 0.15 / 150)
    origin = ((spacing[0] - PIXEL) / 2, (spacing[1] - 0.15) / 2)
    mask = case.grid("outlines", fine.astype(np.uint8), spacing=spacing, origin=origin)
    case.mask = resampled(mask, image)
    case.spacing = (0.15, PIXEL)


@kind()
def outline_of_one_slice_in_three_dimensions(case):
    """Image and outline as one slice in three dimensions"""
    turn = (1.0, 0, 0, 0, 0, 1.0, 0, -1.0, 0)  # a sagittal-like plane
    place = {"spacing": (PIXEL, 0.2, 1.0), "origin": (1, 2, 3), "turn": turn}
    case.grid("images", case.grey[None], ".nii.gz", **place)
    case.grid("outlines", case.mask[None].astype(np.uint8), **place)
    case.spacing = (0.2, PIXEL)


@kind("outline and image in one plane")
def outline_of_another_slice(case):
    """An outline of another slice"""
    place = {"spacing": (PIXEL, PIXEL, 1.0)}
    case.grid("images", case.grey[None], **place)
    case.grid("outlines", case.mask[None].astype(np.uint8), **place, origin=(0, 0, 4))


@kind()
def several_outlines_on_grids_of_their_own(case):
    """Several outlines, each on a grid of its own"""
    image = case.grid("images", case.grey)
    half = case.grey.shape[1] // 2
    left = case.mask[:, :half].astype(np.uint8)
    right = case.mask[:, half:][:, ::-1].astype(np.uint8)
    first = case.grid("outlines", left, "_1.nrrd")
    origin = ((case.grey.shape[1] - 1) * PIXEL, 0)
    second = case.grid("outlines", right, "_2.nii", origin=origin, turn=FLIPPED)
    case.mask = resampled(first, image) | resampled(second, image)
    case.spacing = (PIXEL, PIXEL)


@kind("an outline inside the image")
def outline_that_reaches_out_of_the_image(case):
    """An outline that reaches out of the image"""
    case.grid("images", case.grey)
    case.grid("outlines", case.mask.astype(np.uint8), origin=(case.grey.shape[1] * PIXEL / 2, 0))


@kind("outline and image of one orientation")
def outline_turned_with_a_size_of_its_own(case):
    """An outline turned, in a header that cannot be compared"""
    case.grid("images", case.grey, spacing=(1, 1))
    case.grid("outlines", case.mask.astype(np.uint8), turn=FLIPPED)


@kind()
def png_with_an_outline_that_has_a_grid(case):
    """A PNG with an outline that has a grid"""
    case.image()
    case.grid("outlines", case.mask.astype(np.uint8), origin=(3, 4))


@kind("outline and image of one size")
def png_with_an_outline_on_a_smaller_grid(case):
    """A PNG with an outline on a smaller grid"""
    case.image()
    case.grid("outlines", case.mask[:, :-1].astype(np.uint8), origin=(3, 4))


@kind()
def nrrd_with_a_png_outline(case):
    """An NRRD with an outline as PNG"""
    case.grid("images", case.grey, origin=(3, 4)), case.outline()
    case.spacing = (PIXEL, PIXEL)


@kind(SIZE, remedy=MEND)
def pixel_spacing_of_zero(case):
    """DICOM pixel spacing of zero"""
    case.dicom(PixelSpacing=[0, 0]), case.outline()


@kind(SIZE, remedy=MEND)
def pixel_spacing_below_zero(case):
    """DICOM pixel spacing below zero"""
    case.dicom(PixelSpacing=[-0.1, -0.1]), case.outline()


@kind(SIZE, remedy=MEND)
def pixel_spacing_that_is_no_number(case):
    """DICOM pixel spacing that is no number"""
    case.dicom(PixelSpacing=["NaN", "NaN"]), case.outline()


@kind("readable file")
def nrrd_spacing_of_zero(case):
    """NRRD spacing of zero"""
    height, width = case.grey.shape
    head = f"NRRD0004\ntype: uchar\ndimension: 2\nsizes: {width} {height}\nencoding: raw\n"
    data = (head + "spacings: 0 0\n\n").encode() + case.grey.tobytes()
    case.path("images", ".nrrd").write_bytes(data)
    case.outline()


@kind(SIZE, remedy="Correct the file's header.")
def nifti_spacing_of_zero(case):
    """NIfTI spacing of zero"""
    case.grid("images", case.grey, ".nii"), case.outline()
    data = bytearray(case.path("images", ".nii").read_bytes())
    data[80:88] = bytes(8)
    case.path("images", ".nii").write_bytes(data)


@kind()
def dicom_with_pixel_spacing(case):
    """DICOM with pixels that are not square"""
    case.dicom(PixelSpacing=[0.2, 0.1]), case.outline()
    case.spacing = (0.2, 0.1)


def region(box, delta, units=3):
    data = Dataset()
    names = ("MinX0", "MinY0", "MaxX1", "MaxY1")
    for name, value in zip(names, box, strict=True):
        setattr(data, f"RegionLocation{name}", value)
    data.PhysicalDeltaX = data.PhysicalDeltaY = delta
    data.PhysicalUnitsXDirection = data.PhysicalUnitsYDirection = units
    return data


@kind()
def dicom_of_two_views(case):
    """DICOM of two views of different scale: the lesion's counts"""
    height, width = case.grey.shape
    centre = int(np.nonzero(case.mask)[1].mean())
    lesion, other = (0, 0, centre + 1, height + 9), (centre + 2, 0, width, height)
    regions = [region(other, 0.005), region(lesion, 0.01)]
    case.dicom(SequenceOfUltrasoundRegions=regions), case.outline()
    case.spacing = (PIXEL, PIXEL)


@kind.warned(
    "a lesion inside a calibrated region",
    "Check the outline, or state the pixel size in the table (data_processing.columns.spacing_mm).",
)
def dicom_lesion_in_no_region(case):
    """DICOM whose lesion lies in none of its regions"""
    regions = [region((0, 0, 5, 5), 0.005), region((6, 0, 9, 5), 0.01)]
    case.dicom(SequenceOfUltrasoundRegions=regions), case.outline()


@kind()
def dicom_region_without_lengths(case):
    """DICOM region whose axes are no lengths (Doppler)"""
    height, width = case.grey.shape
    case.dicom(SequenceOfUltrasoundRegions=[region((0, 0, width, height), 0.01, units=4)])
    case.outline()
