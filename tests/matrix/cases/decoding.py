"""Files that crash a decoder, keep it busy or fill its memory; found by `python -m tests.fuzz`."""

import struct

import numpy as np
import SimpleITK as sitk
from PIL import Image
from tests.matrix.cases.pictures import jpeg_of_scans
from tests.matrix.kinds import Register

kind = Register("Decoding")

UNREADABLE = "readable file"
DECODED = "a file that is decoded within the limits"


@kind(DECODED)
def aborts_the_decoder(case):
    """A file whose decoding ends the process (here the test makes it abort)"""
    case.image(), case.outline()


@kind(DECODED)
def jpeg_of_thousands_of_scans(case):
    """A JPEG of 800 kB whose thousands of scans take minutes"""
    case.path("images", ".jpg").write_bytes(jpeg_of_scans(8000, 5000)), case.outline()


@kind(DECODED)
def png_that_fills_the_memory(case):
    """A PNG of 81 million pixels in colour, more than the memory set aside"""
    case.image(Image.new("RGB", (9000, 9000))), case.outline()


@kind("real grey values", remedy="Export the image in grey, or in colour without a scale.")
def nifti_of_scaled_colours(case):
    """A NIfTI in colour with a scale, on which SimpleITK overruns its memory"""
    colours = sitk.GetImageFromArray(np.stack([case.grey] * 3, axis=-1), isVector=True)
    path = case.path("images", ".nii")
    sitk.WriteImage(colours, str(path)), case.outline()
    data = bytearray(path.read_bytes())
    struct.pack_into("<f", data, 112, 2.0)  # scl_slope
    path.write_bytes(data)


@kind(UNREADABLE)
def nrrd_of_an_endless_field(case):
    """An NRRD with a header field of 2000 bytes, on which SimpleITK crashes"""
    head = b"NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 3\nencoding: raw\nkinds: domain "
    case.path("images", ".nrrd").write_bytes(head + b"d" * 2000 + b"\n\n" + bytes(12))
    case.outline()


@kind(UNREADABLE, remedy="Export header and pixels as one file.")
def nrrd_whose_pixels_lie_elsewhere(case):
    """An NRRD header that names another file"""
    case.image()
    head = "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 3\nencoding: raw\n"
    case.path("images", ".nrrd").write_text(f"{head}data file: {case.lesion_id}.png\n\n")
    case.path("images", ".png").rename(case.folder / f"{case.lesion_id}.png"), case.outline()


@kind(UNREADABLE, remedy="Export header and pixels as one file.")
def nifti_whose_pixels_lie_elsewhere(case):
    """A NIfTI header whose pixels lie in another file (.img)"""
    case.grid("images", case.grey, ".nii"), case.outline()
    path = case.path("images", ".nii")
    path.write_bytes(path.read_bytes().replace(b"n+1\0", b"ni1\0", 1))
