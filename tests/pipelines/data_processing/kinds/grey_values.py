"""Grey values: expected values come from Pillow, pydicom and tifffile, not from the project."""

import io

import numpy as np
import tifffile
from PIL import Image, ImageOps
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, convert_color_space
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit
from tests.pipelines.data_processing.kinds.hospital import kind

FLAT = "an image that uses its grey range"


def colour(case):
    """A colour picture of the case: three channels that differ."""
    return np.stack([case.grey, np.roll(case.grey, 3, axis=1), 255 - case.grey], axis=-1)


def pillow_grey(rgb):
    return np.asarray(Image.fromarray(rgb).convert("L"), dtype=float)


@kind()
def png_of_8_bits(case):
    case.image(), case.outline()


@kind()
def png_in_colour(case):
    rgb = colour(case)
    case.image(rgb), case.outline()
    case.grey = pillow_grey(rgb)


@kind()
def png_with_alpha(case):
    picture = Image.fromarray(colour(case)).convert("RGBA")
    picture.putalpha(Image.fromarray(np.roll(case.grey, 5, axis=0)))
    case.image(picture), case.outline()
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    case.grey = np.asarray(Image.alpha_composite(black, picture).convert("L"), dtype=float)
    case.tolerance = 1.0


@kind()
def png_with_a_transparent_grey(case):
    case.grey[case.grey == 0] = 1
    value = int(case.grey[case.mask].max())
    case.image(transparency=value), case.outline()
    case.grey = np.where(case.grey == value, 0, case.grey)


@kind()
def png_with_a_palette(case):
    picture = Image.fromarray(case.grey)
    picture = picture.convert("P")
    case.image(picture), case.outline()


@kind()
def png_of_16_bits(case):
    case.image(case.grey.astype(np.uint16) * 257), case.outline()


@kind(FLAT)
def png_of_12_in_16_bits(case):
    case.image(case.grey.astype(np.uint16) * 16), case.outline()


@kind(FLAT)
def png_of_8_in_16_bits(case):
    case.image(case.grey.astype(np.uint16)), case.outline()


@kind(FLAT)
def dark_png(case):
    case.image(case.grey // 5), case.outline()


@kind()
def jpeg(case):
    case.image(suffix=".jpg", quality=95), case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".jpg")), dtype=float)


def turned(orientation, suffix):
    def make(case):
        exif = Image.Exif()
        exif[274] = orientation
        # Stored so that the orientation turns it upright: the inverse of what Pillow does.
        inverse = {6: 8, 8: 6}.get(orientation, orientation)
        marked = Image.fromarray(case.grey)
        marked.getexif()[274] = inverse
        stored = ImageOps.exif_transpose(marked)
        stored.getexif().clear()
        case.image(stored, suffix, exif=exif), case.outline()

    kind(name=f"orientation_{orientation}{suffix.replace('.', '_')}")(make)


for number in range(2, 9):
    turned(number, ".png")
for number in (2, 3, 6, 8):
    turned(number, ".tif")


def tiff(case, pixels, **options):
    tifffile.imwrite(case.path("images", ".tif"), pixels, **options)
    case.outline()


@kind()
def tiff_min_is_white(case):
    tiff(case, 255 - case.grey, photometric="miniswhite")


@kind()
def tiff_min_is_white_compressed(case):
    tiff(case, 255 - case.grey, photometric="miniswhite", compression="zlib")


@kind()
def tiff_min_is_white_of_16_bits(case):
    tiff(case, 65535 - case.grey.astype(np.uint16) * 257, photometric="miniswhite")


@kind()
def tiff_of_16_bits_in_colour(case):
    rgb = colour(case)
    tiff(case, rgb.astype(np.uint16) * 257, photometric="rgb")
    case.grey = pillow_grey(rgb)


@kind(FLAT)
def tiff_of_12_in_16_bits(case):
    tiff(case, case.grey.astype(np.uint16) * 16)


@kind(FLAT)
def tiff_of_floats_to_1(case):
    tiff(case, (case.grey / 255).astype(np.float32))


@kind()
def tiff_of_floats_to_255(case):
    tiff(case, case.grey.astype(np.float32))


@kind(FLAT)
def nifti_of_floats_to_1(case):
    case.grid("images", (case.grey / 255).astype(np.float32), ".nii.gz"), case.outline()


@kind(FLAT)
def nrrd_of_floats_to_1(case):
    case.grid("images", (case.grey / 255).astype(np.float32)), case.outline()


@kind("a known grey range")
def nrrd_of_signed_12_bits(case):
    case.grid("images", case.grey.astype(np.int16) * 16), case.outline()


@kind("finite grey values")
def nrrd_with_a_hole(case):
    pixels = case.grey.astype(np.float32)
    pixels[0, 0] = np.nan
    case.grid("images", pixels), case.outline()


@kind()
def nrrd_of_signed_8_bits_in_16(case):
    case.grid("images", case.grey.astype(np.int16)), case.outline()
    case.spacing = (0.1, 0.1)


@kind()
def dicom_monochrome_1(case):
    case.dicom(255 - case.grey, "MONOCHROME1"), case.outline()


@kind()
def dicom_of_12_bits(case):
    pixels = case.grey.astype(np.uint16) * 16
    case.dicom(pixels, bits=12), case.outline()
    case.grey = pixels * (255 / 4095)


@kind(FLAT)
def dicom_of_12_bits_said_to_be_16(case):
    case.dicom(case.grey.astype(np.uint16) * 16, bits=16), case.outline()


@kind()
def dicom_of_signed_8_bits(case):
    case.dicom((case.grey.astype(np.int16) - 128).astype(np.int8)), case.outline()


@kind()
def dicom_with_a_window(case):
    data = case.dicom(WindowCenter=100, WindowWidth=120)
    case.outline()
    case.grey = apply_voi_lut(data.pixel_array, data)


@kind()
def dicom_rescaled_with_a_window(case):
    data = case.dicom(
        RescaleSlope=2, RescaleIntercept=-100, WindowCenter=[150, 1], WindowWidth=[300, 1]
    )
    case.outline()
    shown = apply_voi_lut(apply_modality_lut(data.pixel_array, data), data)
    case.grey = (shown + 100) * 255 / 510  # pydicom maps the window to -100 .. 410


@kind()
def dicom_with_a_voi_table(case):
    table = Dataset()
    table.LUTDescriptor = [256, 0, 16]
    table.LUTData = (np.sqrt(np.arange(256) / 255) * 65535).astype(np.uint16).tobytes()
    data = case.dicom(VOILUTSequence=[table])
    case.outline()
    case.grey = apply_voi_lut(data.pixel_array, data) * (255 / 65535)


@kind()
def dicom_rgb(case):
    rgb = colour(case)
    case.dicom(rgb, "RGB"), case.outline()
    case.grey = pillow_grey(rgb)


@kind()
def dicom_ybr_full(case):
    ybr = convert_color_space(colour(case), "RGB", "YBR_FULL")
    case.dicom(ybr, "YBR_FULL"), case.outline()
    case.grey = pillow_grey(convert_color_space(ybr, "YBR_FULL", "RGB"))


@kind()
def dicom_palette(case):
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
    compressed(case, JPEGBaseline8Bit, "YBR_FULL_422", format="JPEG", subsampling="4:2:2")


@kind()
def dicom_jpeg_2000_ybr_rct(case):
    compressed(case, JPEG2000Lossless, "YBR_RCT", format="JPEG2000", mct=1, no_jp2=True)


@kind()
def dicom_jpeg_2000_ybr_ict(case):
    compressed(case, JPEG2000, "YBR_ICT", format="JPEG2000", irreversible=True, mct=1, no_jp2=True)
