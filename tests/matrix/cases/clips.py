"""Clips: DICOM files of several frames, and all that may tell which frame was outlined."""

import io

import numpy as np
import SimpleITK as sitk
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, convert_color_space
from pydicom.uid import JPEGBaseline8Bit
from tests.drawn import STUDY, write_rtstruct, write_seg_of_clip, write_slicer
from tests.matrix.cases.annotations import PLACES, contours
from tests.matrix.cases.pictures import colour, pillow_grey
from tests.matrix.hospital import PIXEL
from tests.matrix.kinds import Register

from spl_kedro.imaging.clips import TELL_THE_FRAME

kind = Register("Clips")
FRAMES, OUTLINED = 4, 3  # how many, and the outlined one, counted from 1
ONE_FRAME = "a single frame"


def with_others(own, outlined=(OUTLINED,)) -> np.ndarray:
    """Return the frames of a clip: the outlined ones, and others unlike them."""
    return np.stack([own if n in outlined else own[::-1] for n in range(1, FRAMES + 1)])


def clip(case, photometric="MONOCHROME2", **elements):
    """Write a clip of grey frames; returns the data set."""
    pixels = with_others(case.grey).tobytes()
    return case.dicom(photometric=photometric, NumberOfFrames=FRAMES, PixelData=pixels, **elements)


def outline_of_frame(case, frame=OUTLINED, ending=""):
    """Write an outline named after a frame."""
    picture = Image.fromarray(case.mask * np.uint8(255))
    picture.save(case.folder / "outlines" / f"{case.lesion_id}_f{frame:03d}{ending}.png")


def slices(case, outlined=(OUTLINED,), frames=FRAMES) -> np.ndarray:
    """Return a slice for each frame, the mask in those that are outlined."""
    return np.stack([case.mask & (n in outlined) for n in range(1, frames + 1)])


@kind(what="A clip whose frame the table states")
def clip_by_the_table(case):
    case.row["frame"] = str(OUTLINED)
    clip(case), case.outline()


@kind(what="A clip whose outline is named after the frame")
def clip_by_the_outlines_name(case):
    clip(case), outline_of_frame(case, ending="_mask")


@kind(what="A clip with DICOM SEG of a frame")
def clip_by_a_segmentation(case):
    data = clip(case, **STUDY)
    write_seg_of_clip(case.path("outlines", ".dcm"), data, slices(case))


@kind(what="A clip with DICOM RTSTRUCT of a frame")
def clip_by_a_structure_set(case):
    data, case.spacing = clip(case, **PLACES), (PIXEL, PIXEL)
    write_rtstruct(
        case.path("outlines", ".dcm"), {"lesion": contours(case)}, data.SOPInstanceUID,
        frame=OUTLINED,
    )  # fmt: skip


@kind(what="A clip with a TIFF of a page for each frame, one of them outlined")
def clip_by_a_tiff(case):
    first, *pages = [Image.fromarray(one * np.uint8(255)) for one in slices(case)]
    clip(case)
    first.save(case.path("outlines", ".tif"), save_all=True, append_images=pages)


@kind(what="A clip with a NIfTI of a slice for each frame, one of them outlined")
def clip_by_a_nifti(case):
    labels = sitk.GetImageFromArray(slices(case) * np.uint8(1))
    clip(case), sitk.WriteImage(labels, str(case.path("outlines", ".nii.gz")))


@kind(what="A clip with 3D Slicer's .seg.nrrd of a slice for each frame, one of them outlined")
def clip_by_slicer(case):
    clip(case)
    layers = slices(case)[None] * np.uint8(1)
    write_slicer(case.path("outlines", ".seg.nrrd"), layers, [("lesion", 0, 1)])


@kind(what="A clip with 3D Slicer's .seg.nrrd, cut to the outlined frames")
def clip_by_a_cut_of_slicer(case):
    clip(case)
    layers = slices(case)[None, 1:3] * np.uint8(1)
    write_slicer(
        case.path("outlines", ".seg.nrrd"), layers, [("lesion", 0, 1)],
        ReferenceImageExtentOffset="0 0 1",
    )  # fmt: skip


@kind(what="A clip of palette colours")
def clip_of_palette_colours(case):
    lookup = np.roll(np.arange(256), 40).astype(np.uint16) * 256
    names = ("Red", "Green", "Blue")
    elements = {f"{name}PaletteColorLookupTableDescriptor": [256, 0, 16] for name in names}
    elements |= {f"{name}PaletteColorLookupTableData": lookup.tobytes() for name in names}
    data = clip(case, "PALETTE COLOR", **elements)
    outline_of_frame(case)
    shown = apply_color_lut(data.pixel_array[OUTLINED - 1], data)
    case.grey = pillow_grey((shown >> 8).astype(np.uint8))


@kind(what="A clip in YBR_FULL, with a calibrated region")
def clip_in_ybr(case):
    ybr = convert_color_space(colour(case), "RGB", "YBR_FULL")
    height, width = case.mask.shape
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = PIXEL / 10
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = width - 1, height - 1
    case.dicom(
        ybr, "YBR_FULL", NumberOfFrames=FRAMES, PixelData=with_others(ybr).tobytes(),
        SequenceOfUltrasoundRegions=[region],
    )  # fmt: skip
    outline_of_frame(case)
    case.grey = pillow_grey(convert_color_space(ybr, "YBR_FULL", "RGB"))
    case.spacing = (PIXEL, PIXEL)


@kind(what="A clip compressed as JPEG, YBR_FULL_422")
def clip_of_jpegs(case):
    streams = [io.BytesIO() for _ in range(FRAMES)]
    for stream, frame in zip(streams, with_others(colour(case)), strict=True):
        Image.fromarray(frame).save(stream, format="JPEG", subsampling="4:2:2")
    data = case.dicom(colour(case), "RGB", NumberOfFrames=FRAMES)
    data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    data.PhotometricInterpretation = "YBR_FULL_422"
    data.PixelData = encapsulate([stream.getvalue() for stream in streams])
    data["PixelData"].VR = "OB"
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    outline_of_frame(case)
    own = Image.open(streams[OUTLINED - 1])
    case.grey = np.asarray(own.convert("L"), dtype=float)


@kind(what="A clip of which two frames are outlined: two images of the patient")
def clip_of_two_frames(case):
    pixels = with_others(case.grey, (2, 4))
    pixels[3] ^= 1  # two frames of the same pixels are counted once
    case.tolerance = 1.0
    data = case.dicom(NumberOfFrames=FRAMES, PixelData=pixels.tobytes(), **STUDY)
    write_seg_of_clip(case.path("outlines", ".dcm"), data, slices(case, (2, 4)))
    case.frames = (2, 4)


@kind(
    ONE_FRAME,
    what="A clip of which one outline is named after a frame, and one is not",
    remedy=TELL_THE_FRAME,
)
def clip_with_a_silent_outline(case):
    clip(case), outline_of_frame(case), case.outline()


@kind("a frame that the file has", what="A clip of fewer frames than the table states")
def clip_shorter_than_stated(case):
    case.row["frame"] = str(FRAMES + 1)
    clip(case), case.outline()


@kind("a frame that the file has", what="A frame counted from 0 in the table")
def clip_counted_from_zero(case):
    case.row["frame"] = "0"
    clip(case), case.outline()


@kind(
    ONE_FRAME,
    what="A clip with a TIFF of fewer pages than frames",
    remedy="Export the outlines with a slice for each frame of the clip.",
)
def clip_with_too_few_pages(case):
    first, *pages = [Image.fromarray(one * np.uint8(255)) for one in slices(case, frames=3)]
    clip(case)
    first.save(case.path("outlines", ".tif"), save_all=True, append_images=pages)


@kind("an outline of this very image", what="DICOM SEG of another clip")
def clip_with_a_segmentation_of_another(case):
    data = clip(case, **STUDY)
    write_seg_of_clip(case.path("outlines", ".dcm"), data, slices(case))
    clip(case, **STUDY)


@kind(ONE_FRAME, what="A TIFF of several pages as the outline of a single image")
def pages_for_a_single_image(case):
    first, *pages = [Image.fromarray(one * np.uint8(255)) for one in slices(case)]
    case.image()
    first.save(case.path("outlines", ".tif"), save_all=True, append_images=pages)
