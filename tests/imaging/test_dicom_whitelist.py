"""Of a DICOM file only what stands on one list is read."""

import numpy as np
import pydicom
import pytest
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.dataset import Dataset
from tests.dicom import write_dicom

from spl_kedro.guarded import unguarded
from spl_kedro.imaging import read_image
from spl_kedro.imaging.dicom_files import WHITELIST

PIXELS = np.arange(64 * 48, dtype=np.uint8).reshape(64, 48)
PERSONAL = {
    "PatientName": "Vandersloot^Eufemia",
    "PatientID": "MRN-77194455",
    "PatientBirthDate": "19371128",
    "PatientComments": "a comment",
    "InstitutionName": "Sanatorium Wolkenstein",
    "StationName": "US-3",
    "DeviceSerialNumber": "4711",
    "OperatorsName": "Somebody^Else",
    "AccessionNumber": "A-1",
    "StudyDescription": "of Eufemia Vandersloot",
}


@pytest.fixture
def path(tmp_path):
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.02
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 47, 63
    region.PatientName = PERSONAL["PatientName"]
    path = tmp_path / "a.dcm"
    data = write_dicom(
        path, PIXELS, Manufacturer="ACME", StudyDate="20240131",
        SequenceOfUltrasoundRegions=[region], **PERSONAL,
    )  # fmt: skip
    data.private_block(0x0009, "PRIVATE", create=True).add_new(1, "LO", "PRIVATE")
    data.save_as(path, enforce_file_format=True)
    return path


def test_every_entry_of_the_list_is_an_attribute_of_the_standard_and_none_is_personal():
    assert all(tag_for_keyword(name) for name in WHITELIST)
    assert len(set(WHITELIST)) == len(WHITELIST)
    assert not set(PERSONAL) & set(WHITELIST)


def test_no_value_of_another_attribute_is_ever_looked_at(path, monkeypatch):
    # Each value is decoded when it is first looked at, by way of one method.
    seen = set()
    real = Dataset.__getitem__

    def recorded(self, key):
        if not isinstance(key, slice):
            seen.add(int(pydicom.tag.Tag(key)))
        return real(self, key)

    monkeypatch.setattr(Dataset, "__getitem__", recorded)
    with unguarded():
        image = read_image(path)
    names = {keyword_for_tag(tag) for tag in seen if pydicom.tag.Tag(tag).group > 2}
    # Without the file's meta information, which is of group 2.
    assert {"Rows", "PixelData", "SequenceOfUltrasoundRegions"} & names
    assert names <= set(WHITELIST)
    assert image.shape == PIXELS.shape


def test_an_image_is_the_same_with_and_without_what_is_personal(path, tmp_path):
    data = pydicom.dcmread(path)
    for name in PERSONAL:
        delattr(data, name)
    data.remove_private_tags()
    data.save_as(tmp_path / "b.dcm")
    whole, bare = read_image(path), read_image(tmp_path / "b.dcm")
    np.testing.assert_array_equal(whole.grey, bare.grey)
    assert whole.acquisition.scanner == bare.acquisition.scanner == "ACME"
    assert whole.acquisition.taken == bare.acquisition.taken
    assert whole.spacing_at(np.ones(PIXELS.shape, bool)) == bare.spacing_at(
        np.ones(PIXELS.shape, bool)
    )
