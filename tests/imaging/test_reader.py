import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image
from pydicom.dataset import Dataset
from tests.dicom import write_dicom

from spl_kedro.imaging import UnusableLesionError, read_image, read_outline


@pytest.fixture
def grey():
    return np.random.default_rng(1).integers(0, 256, (30, 40), dtype=np.uint8)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "tiff"])
def test_lossless_files_give_their_grey_values_back(tmp_path, grey, suffix):
    Image.fromarray(grey).save(tmp_path / f"a.{suffix}")
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.grey.dtype == np.float64
    np.testing.assert_array_equal(image.grey, grey)


def test_a_jpeg_is_read_near_its_grey_values(tmp_path):
    smooth = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg").grey - smooth).max() < 8


def test_colour_becomes_the_luminance_that_pillow_computes(tmp_path):
    rgb = np.random.default_rng(2).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(rgb)
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").grey, picture.convert("L"))


def test_transparency_is_laid_on_black(tmp_path):
    rgba = np.random.default_rng(3).integers(0, 256, (20, 20, 4), dtype=np.uint8)
    rgba[:10, :, 3] = 0
    picture = Image.fromarray(rgba)
    picture.save(tmp_path / "a.png")
    black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
    expected = np.asarray(Image.alpha_composite(black, picture).convert("L"), dtype=float)
    grey = read_image(tmp_path / "a.png").grey
    assert (grey[:10] == 0).all()
    assert np.abs(grey - expected).max() <= 1


def test_grey_with_alpha_and_palette_images_are_read(tmp_path, grey):
    la = Image.merge("LA", [Image.fromarray(grey), Image.new("L", grey.shape[::-1], 255)])
    la.save(tmp_path / "la.png")
    Image.fromarray(grey).convert("P").save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_image(tmp_path / "la.png").grey, grey)
    np.testing.assert_array_equal(read_image(tmp_path / "p.png").grey, grey)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_by_their_full_range(tmp_path, suffix):
    deep = np.array([[0, 257], [32896, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / f"a.{suffix}")
    np.testing.assert_allclose(read_image(tmp_path / f"a.{suffix}").grey, [[0, 1], [128, 255]])


@pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd"])
@pytest.mark.parametrize("slices", [False, True])
def test_volumetric_formats_give_one_slice_and_its_spacing(tmp_path, grey, suffix, slices):
    image = sitk.GetImageFromArray(grey[None] if slices else grey)
    image.SetSpacing((0.2, 0.1, 1.0) if slices else (0.2, 0.1))
    sitk.WriteImage(image, tmp_path / f"a.{suffix}")
    read = read_image(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(read.grey, grey)
    assert read.spacing_mm == pytest.approx((0.1, 0.2))


def test_a_volume_of_several_slices_is_refused(tmp_path, grey):
    sitk.WriteImage(sitk.GetImageFromArray(np.stack([grey] * 3)), tmp_path / "a.nrrd")
    with pytest.raises(UnusableLesionError, match=r"a\.nrrd is a volume"):
        read_image(tmp_path / "a.nrrd")


def test_an_identifier_that_the_standard_lacks_is_not_repeated(tmp_path, grey):
    data = write_dicom(tmp_path / "a.dcm", grey)
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = "1.2.3.77194455"
    del data.PixelData
    data.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    with pytest.raises(UnusableLesionError, match=r"a DICOM file without an image\.") as caught:
        read_image(tmp_path / "a.dcm")
    assert "77194455" not in str(caught.value)


def test_an_nrrd_field_of_binary_data_is_refused_before_it_reaches_the_decoder(tmp_path):
    # Found by fuzzing: it overran the decoder's memory, as any field of 2000 bytes.
    head = b"NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 3\nencoding: raw\n"
    for field in (b"kinds: domain ", b"units: mm ", b"type: ", b""):
        (tmp_path / "a.nrrd").write_bytes(head + field + b"\x16d" * 1000 + b"\n\n" + bytes(12))
        with pytest.raises(UnusableLesionError, match="a header field of more than 400 bytes"):
            read_image(tmp_path / "a.nrrd")
    (tmp_path / "a.nrrd").write_bytes(head + b"# " + b"d" * 2000 + b"\n\n" + bytes(range(12)))
    assert read_image(tmp_path / "a.nrrd").shape == (3, 4)


def test_an_image_of_many_values_a_pixel_is_refused_by_its_header(tmp_path):
    image = sitk.GetImageFromArray(np.zeros((3, 4, 7), np.uint8), isVector=True)
    sitk.WriteImage(image, tmp_path / "a.nrrd")
    with pytest.raises(UnusableLesionError, match="7 values for each pixel"):
        read_image(tmp_path / "a.nrrd")


def test_dicom_gives_grey_values_and_pixel_spacing(tmp_path, grey):
    write_dicom(tmp_path / "a.dcm", grey, PixelSpacing=[0.1, 0.2])
    image = read_image(tmp_path / "a.dcm")
    np.testing.assert_array_equal(image.grey, grey)
    assert image.spacing_mm == (0.1, 0.2)


def test_dicom_ultrasound_regions_give_the_spacing_in_millimetres(tmp_path, grey):
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.01
    write_dicom(tmp_path / "a.dcm", grey, SequenceOfUltrasoundRegions=[region])
    assert read_image(tmp_path / "a.dcm").spacing_mm == pytest.approx((0.1, 0.2))


def test_twelve_bit_and_inverted_dicom_are_brought_to_the_grey_scale(tmp_path):
    deep = np.array([[0, 4095], [2048, 100]], dtype=np.uint16)
    write_dicom(tmp_path / "a.dcm", deep, photometric="MONOCHROME1", bits=12)
    np.testing.assert_allclose(
        read_image(tmp_path / "a.dcm").grey, (4095 - deep.astype(float)) * 255 / 4095
    )


def test_colour_dicom_becomes_luminance(tmp_path):
    rgb = np.random.default_rng(4).integers(0, 256, (8, 10, 3), dtype=np.uint8)
    write_dicom(tmp_path / "a.dcm", rgb, photometric="RGB")
    expected = np.asarray(Image.fromarray(rgb).convert("L"))
    np.testing.assert_array_equal(read_image(tmp_path / "a.dcm").grey, expected)


@pytest.mark.parametrize(
    "pixels",
    [
        np.array([[0, 1], [1, 0]], dtype=np.uint8),
        np.array([[0, 255], [255, 0]], dtype=np.uint8),
        np.array([[0, 65535], [65535, 0]], dtype=np.uint16),
        np.array([[False, True], [True, False]]),
    ],
    ids=["0/1", "0/255", "0/65535", "1 bit"],
)
def test_outlines_of_any_mode_mean_the_same(tmp_path, pixels):
    Image.fromarray(pixels).save(tmp_path / "m.png")
    np.testing.assert_array_equal(
        read_outline(tmp_path / "m.png").mask, [[False, True], [True, False]]
    )


def test_an_outline_in_the_alpha_channel_is_cut_at_half(tmp_path):
    rgba = np.zeros((1, 3, 4), dtype=np.uint8)
    rgba[0, :, 3] = (0, 127, 128)
    Image.fromarray(rgba).save(tmp_path / "m.png")
    np.testing.assert_array_equal(read_outline(tmp_path / "m.png").mask, [[False, False, True]])


def test_a_coloured_outline_on_black_is_the_lesion(tmp_path):
    rgb = np.zeros((2, 2, 3), dtype=np.uint8)
    rgb[0, 0] = (0, 0, 200)
    Image.fromarray(rgb).save(tmp_path / "m.png")
    np.testing.assert_array_equal(
        read_outline(tmp_path / "m.png").mask, [[True, False], [False, False]]
    )


def test_an_empty_outline_is_empty(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "m.png")
    assert not read_outline(tmp_path / "m.png").mask.any()


def test_missing_damaged_and_unknown_files_are_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "clip.mp4").write_bytes(b"film")
    for name, rule in [
        ("absent.png", "file present"),
        ("broken.png", "readable file"),
        ("clip.mp4", "known file type"),
    ]:
        with pytest.raises(UnusableLesionError, match=name) as caught:
            read_image(tmp_path / name)
        assert caught.value.rule == rule
        assert caught.value.remedy
        assert str(tmp_path) not in str(caught.value)


def test_an_image_too_large_to_be_a_frame_is_not_decoded(tmp_path):
    Image.new("1", (20_000, 6_000)).save(tmp_path / "a.png")
    with pytest.raises(UnusableLesionError, match="a plausible image size"):
        read_image(tmp_path / "a.png")


def test_floating_point_images_must_be_finite_and_in_range(tmp_path):
    for value, rule in [(np.nan, "finite grey values"), (-5.0, "a known grey range")]:
        array = np.full((4, 4), 7.0, np.float32)
        array[0, 0] = value
        sitk.WriteImage(sitk.GetImageFromArray(array), tmp_path / "a.nrrd")
        with pytest.raises(UnusableLesionError) as caught:
            _ = read_image(tmp_path / "a.nrrd").grey
        assert caught.value.rule == rule


def test_pixels_that_are_no_real_numbers_are_refused(tmp_path):
    image = sitk.GetImageFromArray(np.ones((6, 5), np.complex64))
    sitk.WriteImage(image, tmp_path / "a.nii")
    with pytest.raises(UnusableLesionError, match="real grey values"):
        read_image(tmp_path / "a.nii")


def test_a_rescale_that_leaves_no_range_is_refused(tmp_path, grey):
    write_dicom(tmp_path / "a.dcm", grey, RescaleSlope=0, RescaleIntercept=7)
    with pytest.raises(UnusableLesionError, match="a known grey range"):
        _ = read_image(tmp_path / "a.dcm").grey


@pytest.mark.parametrize("width", [3, 77, 120.7])
def test_no_window_leads_out_of_the_grey_scale(tmp_path, grey, width):
    write_dicom(tmp_path / "a.dcm", grey, WindowCenter=91.3, WindowWidth=width)
    shown = read_image(tmp_path / "a.dcm").grey
    assert (shown.min(), shown.max()) == (0, 255)


def test_a_transparent_grey_of_16_bits_is_black(tmp_path):
    deep = np.array([[0, 257], [32896, 65535]], dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png", transparency=32896)
    np.testing.assert_allclose(read_image(tmp_path / "a.png").grey, [[0, 1], [0, 255]])


@pytest.mark.breast
def test_breast_images_are_read_as_the_reference_was_made(breast_dir):
    for path in sorted((breast_dir / "images").glob("*.png"))[:10]:
        picture = Image.open(path).convert("RGBA")
        black = Image.new("RGBA", picture.size, (0, 0, 0, 255))
        expected = np.asarray(Image.alpha_composite(black, picture).convert("L"))
        np.testing.assert_array_equal(read_image(path).grey, expected)
