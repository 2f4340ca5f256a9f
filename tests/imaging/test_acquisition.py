"""What a file says of its making."""

import os
from datetime import date, datetime

import numpy as np
import pytest
from PIL import Image
from tests.dicom import write_dicom

from spl_kedro.imaging import image_of_bytes, read_image

PIXELS = np.arange(48, dtype=np.uint8).reshape(6, 8)


def test_dicom_says_scanner_day_and_bits_and_no_patient(tmp_path):
    path = tmp_path / "lesion.dcm"
    write_dicom(
        path, PIXELS.astype(np.uint16), bits=12, Manufacturer="ACME ", ManufacturerModelName="US 9",
        DeviceSerialNumber="S123", StationName="ROOM 4", InstitutionName="General",
        PatientName="Doe^Jane", AcquisitionDate="20240131", StudyDate="20240201",
    )  # fmt: skip
    said = read_image(path).acquisition
    assert (said.file_format, said.bits, said.channels) == ("DICOM", 12, 1)
    assert said.scanner == "ACME US 9"
    assert said.taken == date(2024, 1, 31)
    assert not any(word in repr(said) for word in ("S123", "ROOM", "General", "Doe"))


def test_a_pictures_header_says_camera_and_day(tmp_path):
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "ACME", "US 9", "2023:05:06 07:08:09"
    path = tmp_path / "lesion.jpg"
    Image.fromarray(np.stack([PIXELS] * 3, axis=-1)).save(path, exif=exif)
    said = read_image(path).acquisition
    assert (said.file_format, said.bits, said.channels) == ("JPEG", 8, 3)
    assert (said.scanner, said.taken) == ("ACME US 9", date(2023, 5, 6))


def test_the_files_own_day_is_that_of_its_last_change(tmp_path):
    path = tmp_path / "lesion.png"
    Image.fromarray(PIXELS).save(path)
    noon = datetime(2022, 3, 4, 12).timestamp()
    os.utime(path, (noon, noon))
    said = read_image(path).acquisition
    assert (said.written, said.taken, said.scanner) == (date(2022, 3, 4), None, None)
    assert image_of_bytes("lesion", path.read_bytes()).acquisition.written is None


@pytest.mark.parametrize(("dtype", "bits"), [(np.uint8, 8), (np.uint16, 16)])
def test_the_bits_are_those_of_the_stored_values(tmp_path, dtype, bits):
    path = tmp_path / "lesion.png"
    Image.fromarray(PIXELS.astype(dtype)).save(path)
    assert read_image(path).acquisition.bits == bits


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_header_costs_no_picture(tmp_path):
    path = tmp_path / "lesion.png"
    Image.fromarray(PIXELS).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    image = read_image(path)
    np.testing.assert_array_equal(image.pixels, PIXELS)
    assert image.acquisition.scanner is None
