"""Grey values: expected values come from Pillow, pydicom and tifffile, not from the project."""

import struct

import numpy as np
import tifffile
from PIL import Image, ImageOps
from tests.matrix.cases.pictures import adam7, colour, pillow_grey
from tests.matrix.kinds import Register

from spl_kedro.rules import Rule

kind = Register("Grey values")

FLAT = "an image that uses its grey range"
STATE = f"{Rule.GREY_RANGE.remedy} {Rule.GREY_USED.remedy}"


@kind()
def png_of_8_bits(case):
    """A PNG of 8 bits"""
    case.image(), case.outline()


@kind()
def png_in_colour(case):
    """A PNG in colour: its luminance"""
    rgb = colour(case)
    case.image(rgb), case.outline()
    case.grey = pillow_grey(rgb)


@kind()
def png_with_alpha(case):
    """A PNG with an alpha channel: laid on black"""
    picture = Image.fromarray(colour(case)).convert("RGBA")
    picture.putalpha(Image.fromarray(np.roll(case.grey, 5, axis=0)))
    case.image(picture), case.outline()
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    case.grey = np.asarray(Image.alpha_composite(black, picture).convert("L"), dtype=float)
    case.tolerance = 1.0


@kind()
def png_with_a_transparent_grey(case):
    """A PNG with a transparent grey: black"""
    case.grey[case.grey == 0] = 1
    value = int(case.grey[case.mask].max())
    case.image(transparency=value), case.outline()
    case.grey = np.where(case.grey == value, 0, case.grey)


@kind()
def png_with_a_palette(case):
    """A PNG with a palette"""
    picture = Image.fromarray(case.grey)
    picture = picture.convert("P")
    case.image(picture), case.outline()


@kind()
def png_of_16_bits(case):
    """A PNG of 16 bits that uses them"""
    case.image(case.grey.astype(np.uint16) * 257), case.outline()


@kind(FLAT, remedy=STATE)
def png_of_12_in_16_bits(case):
    """A PNG of 12 bits in 16"""
    case.image(case.grey.astype(np.uint16) * 16), case.outline()


@kind(FLAT, remedy=STATE)
def png_of_8_in_16_bits(case):
    """A PNG of 8 bits in 16"""
    case.image(case.grey.astype(np.uint16)), case.outline()


@kind(FLAT)
def dark_png(case):
    """A PNG that uses a fifth of the grey range"""
    case.image(case.grey // 5), case.outline()


@kind()
def jpeg(case):
    """A JPEG"""
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

    kind(
        name=f"orientation_{orientation}{suffix.replace('.', '_')}",
        what=f"EXIF orientation {orientation} ({suffix}): turned upright",
    )(make)


for number in range(2, 9):
    turned(number, ".png")
for number in (2, 3, 6, 8):
    turned(number, ".tif")


def tiff(case, pixels, **options):
    tifffile.imwrite(case.path("images", ".tif"), pixels, **options)
    case.outline()


@kind()
def tiff_min_is_white(case):
    """A TIFF whose smallest value is white"""
    tiff(case, 255 - case.grey, photometric="miniswhite")


@kind()
def tiff_min_is_white_compressed(case):
    """The same, compressed"""
    tiff(case, 255 - case.grey, photometric="miniswhite", compression="zlib")


@kind()
def tiff_min_is_white_of_16_bits(case):
    """The same, of 16 bits"""
    tiff(case, 65535 - case.grey.astype(np.uint16) * 257, photometric="miniswhite")


@kind()
def tiff_of_16_bits_in_colour(case):
    """A TIFF of 16 bits in colour"""
    rgb = colour(case)
    tiff(case, rgb.astype(np.uint16) * 257, photometric="rgb")
    case.grey = pillow_grey(rgb)


@kind(FLAT, remedy=STATE)
def tiff_of_12_in_16_bits(case):
    """A TIFF of 12 bits in 16"""
    tiff(case, case.grey.astype(np.uint16) * 16)


@kind(FLAT, remedy=STATE)
def tiff_of_floats_to_1(case):
    """A TIFF of floats from 0 to 1"""
    tiff(case, (case.grey / 255).astype(np.float32))


@kind()
def tiff_of_floats_to_255(case):
    """A TIFF of floats from 0 to 255"""
    tiff(case, case.grey.astype(np.float32))


@kind(FLAT, remedy=STATE)
def nifti_of_floats_to_1(case):
    """A NIfTI of floats from 0 to 1"""
    case.grid("images", (case.grey / 255).astype(np.float32), ".nii.gz"), case.outline()


@kind(FLAT, remedy=STATE)
def nrrd_of_floats_to_1(case):
    """An NRRD of floats from 0 to 1"""
    case.grid("images", (case.grey / 255).astype(np.float32)), case.outline()


@kind("a known grey range")
def nrrd_of_signed_12_bits(case):
    """An NRRD of signed 12 bits"""
    case.grid("images", case.grey.astype(np.int16) * 16), case.outline()


@kind("finite grey values")
def nrrd_with_a_hole(case):
    """An NRRD with a value that is not finite"""
    pixels = case.grey.astype(np.float32)
    pixels[0, 0] = np.nan
    case.grid("images", pixels), case.outline()


@kind()
def nrrd_of_signed_8_bits_in_16(case):
    """An NRRD of 0 to 255 in signed 16 bits"""
    case.grid("images", case.grey.astype(np.int16)), case.outline()
    case.spacing = (0.1, 0.1)


@kind("real grey values")
def png_of_one_bit(case):
    """A picture of one bit a pixel, black and white alone"""
    case.image(Image.fromarray(case.grey).convert("1")), case.outline()


@kind()
def interlaced_png(case):
    """An interlaced PNG"""
    case.path("images", ".png").write_bytes(adam7(case.grey)), case.outline()


@kind()
def progressive_jpeg(case):
    """A progressive JPEG"""
    case.image(suffix=".jpg", quality=98, progressive=True), case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".jpg")), dtype=float)


@kind()
def jpeg_in_cmyk(case):
    """A JPEG in the printer's colours (CMYK)"""
    picture = Image.fromarray(case.grey).convert("RGB").convert("CMYK")
    case.image(picture, ".jpg", quality=98), case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".jpg")).convert("RGB").convert("L"))


@kind()
def jpeg_turned_by_exif(case):
    """A JPEG of a telephone, upright by its EXIF orientation alone"""
    exif = Image.Exif()
    exif[274] = 6
    stored = Image.fromarray(case.grey).transpose(Image.Transpose.ROTATE_90)
    case.image(stored, ".jpg", exif=exif, quality=98), case.outline()
    stored = Image.open(case.path("images", ".jpg"))
    case.grey = np.asarray(stored.transpose(Image.Transpose.ROTATE_270), dtype=float)


@kind(what="A BMP with a palette")
def bmp_with_a_palette(case):
    case.image(Image.fromarray(case.grey).convert("P"), ".bmp"), case.outline()


@kind()
def big_tiff(case):
    """A BigTIFF"""
    tiff(case, case.grey, bigtiff=True)


@kind()
def tiff_in_tiles(case):
    """A TIFF in tiles"""
    tiff(case, case.grey, tile=(32, 32))


@kind()
def tiff_of_the_other_byte_order(case):
    """A TIFF of 16 bits in the other byte order"""
    tiff(case, case.grey.astype(np.uint16) * 257, byteorder=">")


@kind()
def tiff_of_separate_planes(case):
    """A TIFF whose colours lie in separate planes"""
    rgb = colour(case)
    tiff(case, np.moveaxis(rgb, -1, 0), photometric="rgb", planarconfig="separate")
    case.grey = pillow_grey(rgb)


@kind(what="A TIFF compressed by LZW")
def tiff_by_lzw(case):
    case.image(suffix=".tif", compression="tiff_lzw"), case.outline()


@kind(what="A TIFF compressed as JPEG")
def tiff_by_jpeg(case):
    case.image(suffix=".tif", compression="jpeg", quality=98), case.outline()
    case.grey = np.asarray(Image.open(case.path("images", ".tif")), dtype=float)


@kind()
def tiff_of_32_bit_integers(case):
    """A TIFF of 32-bit integers from 0 to 255"""
    tiff(case, case.grey.astype(np.int32))


@kind("readable file")
def tiff_of_64_bit_floats(case):
    """A TIFF of 64-bit floats"""
    tiff(case, case.grey.astype(np.float64))


@kind()
def nifti_with_a_slope(case):
    """A NIfTI whose header scales the values (scl_slope 0.5, scl_inter 10)"""
    case.grid("images", case.grey, ".nii", spacing=(1, 1)), case.outline()
    data = bytearray(case.path("images", ".nii").read_bytes())
    struct.pack_into("<ff", data, 112, 0.5, 10.0)
    case.path("images", ".nii").write_bytes(data)
    case.grey = case.grey * 0.5 + 10
