"""DICOM: what its tags say of grey values and pixels; expected values come from pydicom."""

import io

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, convert_color_space
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    RLELossless,
)
from tests.matrix.cases.pictures import colour, pillow_grey
from tests.matrix.kinds import Register

kind = Register("DICOM")
FLAT = "an image that uses its grey range"
UNREADABLE = "readable file"


@kind()
def dicom_monochrome_1(case):
    """DICOM MONOCHROME1: white is white"""
    case.dicom(255 - case.grey, "MONOCHROME1"), case.outline()


@kind()
def dicom_of_12_bits(case):
    """DICOM of 12 bits stored"""
    pixels = case.grey.astype(np.uint16) * 16
    case.dicom(pixels, bits=12), case.outline()
    case.grey = pixels * (255 / 4095)


@kind(FLAT)
def dicom_of_12_bits_said_to_be_16(case):
    """DICOM of 12 bits that says 16"""
    case.dicom(case.grey.astype(np.uint16) * 16, bits=16), case.outline()


@kind()
def dicom_of_signed_8_bits(case):
    """DICOM of signed 8 bits"""
    case.dicom((case.grey.astype(np.int16) - 128).astype(np.int8)), case.outline()


@kind()
def dicom_with_a_window(case):
    """DICOM with a window"""
    data = case.dicom(WindowCenter=100, WindowWidth=120)
    case.outline()
    case.grey = apply_voi_lut(data.pixel_array, data)


@kind()
def dicom_rescaled_with_a_window(case):
    """DICOM with rescale and several windows"""
    data = case.dicom(
        RescaleSlope=2, RescaleIntercept=-100, WindowCenter=[150, 1], WindowWidth=[300, 1]
    )
    case.outline()
    shown = apply_voi_lut(apply_modality_lut(data.pixel_array, data), data)
    case.grey = (shown + 100) * 255 / 510  # pydicom maps the window to -100 .. 410


@kind()
def dicom_with_a_voi_table(case):
    """DICOM with a VOI look-up table"""
    table = Dataset()
    table.LUTDescriptor = [256, 0, 16]
    table.LUTData = (np.sqrt(np.arange(256) / 255) * 65535).astype(np.uint16).tobytes()
    data = case.dicom(VOILUTSequence=[table])
    case.outline()
    case.grey = apply_voi_lut(data.pixel_array, data) * (255 / 65535)


@kind()
def dicom_rgb(case):
    """DICOM RGB"""
    rgb = colour(case)
    case.dicom(rgb, "RGB"), case.outline()
    case.grey = pillow_grey(rgb)


@kind()
def dicom_ybr_full(case):
    """DICOM YBR_FULL"""
    ybr = convert_color_space(colour(case), "RGB", "YBR_FULL")
    case.dicom(ybr, "YBR_FULL"), case.outline()
    case.grey = pillow_grey(convert_color_space(ybr, "YBR_FULL", "RGB"))


@kind()
def dicom_palette(case):
    """DICOM PALETTE COLOR"""
    lookup = np.roll(np.arange(256), 40).astype(np.uint16) * 256
    names = ("Red", "Green", "Blue")
    elements = {f"{name}PaletteColorLookupTableDescriptor": [256, 0, 16] for name in names}
    elements |= {f"{name}PaletteColorLookupTableData": lookup.tobytes() for name in names}
    data = case.dicom(photometric="PALETTE COLOR", **elements)
    case.outline()
    case.grey = pillow_grey((apply_color_lut(data.pixel_array, data) >> 8).astype(np.uint8))


def compressed(case, syntax, photometric, **options):
    stream = io.BytesIO()
    Image.fromarray(colour(case)).save(stream, **options)
    data = case.dicom(colour(case), "RGB")
    data.file_meta.TransferSyntaxUID = syntax
    data.PhotometricInterpretation = photometric
    data.PixelData = encapsulate([stream.getvalue()])
    data["PixelData"].VR = "OB"
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    case.outline()
    case.grey = np.asarray(Image.open(stream).convert("L"), dtype=float)


@kind()
def dicom_jpeg_ybr_full_422(case):
    """DICOM compressed as JPEG, YBR_FULL_422"""
    compressed(case, JPEGBaseline8Bit, "YBR_FULL_422", format="JPEG", subsampling="4:2:2")


@kind()
def dicom_jpeg_2000_ybr_rct(case):
    """DICOM compressed as JPEG 2000, YBR_RCT"""
    compressed(case, JPEG2000Lossless, "YBR_RCT", format="JPEG2000", mct=1, no_jp2=True)


@kind()
def dicom_jpeg_2000_ybr_ict(case):
    """DICOM compressed as JPEG 2000, YBR_ICT"""
    compressed(case, JPEG2000, "YBR_ICT", format="JPEG2000", irreversible=True, mct=1, no_jp2=True)


def stored_as(case, syntax, implicit=False, little=True):
    """Write the case's file again in another transfer syntax without compression."""
    data = pydicom.dcmread(case.path("images", ".dcm"))
    data.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(
        case.path("images", ".dcm"), data, implicit_vr=implicit, little_endian=little,
        force_encoding=True,
    )  # fmt: skip


@kind(what="DICOM in implicit value representation")
def dicom_implicit(case):
    case.dicom(), case.outline(), stored_as(case, ImplicitVRLittleEndian, implicit=True)


@kind(what="DICOM of 16 bits in big-endian byte order")
def dicom_big_endian(case):
    deep = case.grey.astype(np.uint16) * 257
    case.dicom(deep, bits=16, PixelData=deep.astype(">u2").tobytes()), case.outline()
    stored_as(case, ExplicitVRBigEndian, little=False)


@kind(what="DICOM whose data set is deflated")
def dicom_deflated(case):
    case.dicom(), case.outline(), stored_as(case, DeflatedExplicitVRLittleEndian)


@kind(what="DICOM compressed by run lengths (RLE)")
def dicom_rle(case):
    data = case.dicom()
    data.compress(RLELossless)
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    case.outline()


@kind(what="DICOM in grey compressed as JPEG")
def dicom_jpeg_grey(case):
    stream = io.BytesIO()
    Image.fromarray(case.grey).save(stream, format="JPEG", quality=98)
    data = case.dicom(PixelData=encapsulate([stream.getvalue()]))
    data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    data["PixelData"].VR = "OB"
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    case.outline()
    case.grey = np.asarray(Image.open(stream), dtype=float)


@kind(
    UNREADABLE,
    what="DICOM compressed as JPEG Lossless, which needs a decoder that is not installed",
    remedy="Export it uncompressed, or as JPEG, JPEG 2000 or RLE.",
)
def dicom_jpeg_lossless(case):
    data = case.dicom(PixelData=encapsulate([b"\xff\xd8\xff\xc3" + bytes(100)]))
    data.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    data["PixelData"].VR = "OB"
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    case.outline()


@kind(what="DICOM in colour by planes")
def dicom_by_planes(case):
    rgb = colour(case)
    planes = np.moveaxis(rgb, -1, 0).tobytes()
    case.dicom(rgb, "RGB", PlanarConfiguration=1, PixelData=planes), case.outline()
    case.grey = pillow_grey(rgb)


@kind(what="DICOM that counts its one frame")
def dicom_of_one_frame(case):
    case.dicom(NumberOfFrames=1), case.outline()


@kind(what="DICOM without preamble")
def dicom_without_preamble(case):
    case.dicom(), case.outline()
    path = case.path("images", ".dcm")
    path.write_bytes(path.read_bytes()[132:])


@kind(what="DICOM without preamble and meta information, as old devices write it")
def dicom_of_an_old_device(case):
    data = case.dicom()
    bare = pydicom.filebase.DicomBytesIO()
    bare.is_little_endian = bare.is_implicit_VR = True
    pydicom.filewriter.write_dataset(bare, data)
    case.path("images", ".dcm").write_bytes(bare.getvalue())
    case.outline()


@kind(what="DICOM without a suffix, as on a disc")
def dicom_without_suffix(case):
    case.dicom().save_as(case.path("images", ""), enforce_file_format=True)
    case.path("images", ".dcm").unlink()
    case.outline()


@kind(
    UNREADABLE,
    what="DICOM without pixels: a report or a directory",
    remedy="Export the frame itself, not a report, a measurement or a directory.",
)
def dicom_without_pixels(case):
    data = case.dicom()
    del data.PixelData
    data.save_as(case.path("images", ".dcm"), enforce_file_format=True)
    case.outline()


@kind(UNREADABLE, what="DICOM with fewer pixels than its header states")
def dicom_of_too_few_pixels(case):
    case.dicom(PixelData=case.grey.tobytes()[:2000]), case.outline()


@kind("a plausible image size", what="DICOM whose header states 60000 x 60000 pixels")
def dicom_of_a_huge_size(case):
    case.dicom(Rows=60000, Columns=60000), case.outline()


@kind(UNREADABLE, what="Text named .dcm")
def text_named_dcm(case):
    case.path("images", ".dcm").write_text("no image"), case.outline()
