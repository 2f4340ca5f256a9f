"""DICOM SEG, through highdicom: segments of the images that the file names (PS3.3 A.51)."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

import numpy as np

from spl_kedro.imaging.annotations.labels import no_such_label, normal, several_labels
from spl_kedro.imaging.dicom_files import dataset_of, instance_of, whitelisted
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.frame import check_size
from spl_kedro.imaging.outline import OutlinesOfImages
from spl_kedro.rules import Rule

#: Segmentation, and label map segmentation.
CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
#: All that is read of a file, by PS3.6 keyword; the rest is dropped before anything looks at it.
WHITELIST = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID"),
    *("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"),
    *("SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue"),
    *("PixelData", "ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
    *("SegmentationType", "SegmentationFractionalType", "MaximumFractionalValue"),
    *("SegmentsOverlap", "SegmentSequence", "SegmentNumber", "SegmentLabel"),
    *("SegmentAlgorithmType", "SegmentedPropertyCategoryCodeSequence"),
    *("SegmentedPropertyTypeCodeSequence", "CodeValue", "CodingSchemeDesignator", "CodeMeaning"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("SegmentIdentificationSequence", "ReferencedSegmentNumber", "FrameContentSequence"),
    *("DimensionIndexValues", "FrameLabel", "DimensionIndexSequence", "DimensionIndexPointer"),
    *("FunctionalGroupPointer", "DimensionOrganizationType", "DimensionOrganizationUID"),
    *("DimensionOrganizationSequence", "DerivationImageSequence", "SourceImageSequence"),
    *("SpatialLocationsPreserved", "ReferencedSOPClassUID", "ReferencedSOPInstanceUID"),
    *("ReferencedFrameNumber", "ReferencedSeriesSequence", "ReferencedInstanceSequence"),
    *("PixelMeasuresSequence", "PixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    *("PlanePositionSequence", "ImagePositionPatient"),
    *("PlaneOrientationSequence", "ImageOrientationPatient"),
)


def read(name: str, data: bytes, label: str | None, most_pixels: int) -> OutlinesOfImages:
    """Return the lesion's segment on each image or frame that the file names, in its pixels.

    Parameters
    ----------
    name : str
    data : bytes
    label : str or None
        The segment's label; None where one segment alone has pixels.
    most_pixels : int
        Of all frames together.

    Raises
    ------
    UnusableLesionError
        If it cannot be read, names no image, or the lesion's segment cannot be told.
    """
    from highdicom.seg import Segmentation

    dataset = whitelisted(dataset_of(name, data), WHITELIST)
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    check_size(name, int(dataset.Columns), int(dataset.Rows) * frames, most_pixels)
    segmentation = Segmentation.from_dataset(dataset, copy=False)
    sources = [str(uid) for _, _, uid in segmentation.get_source_image_uids()]
    if not sources:
        raise UnusableLesionError(
            Rule.DRAWN_ON,
            f"{name} does not name the image that it outlines.",
            "Export it together with its image, or as a PNG mask.",
        )
    numbers = list(segmentation.segment_numbers)
    if label is not None:
        labels = {n: segmentation.get_segment_description(n).segment_label for n in numbers}
        numbers = [n for n in numbers if normal(labels[n]) == normal(label)]
        if not numbers:
            raise no_such_label(name)
    named = _frames_named(dataset)
    outlined = [(uid, number) for uid in sources for number in named.get(uid, [None])]
    # By image and segment. Fractions above one half belong to the lesion.
    check_size(name, int(dataset.Columns), int(dataset.Rows) * len(outlined), most_pixels)
    by_segment = {n: _pixels(segmentation, outlined, n) for n in numbers}
    held = {n: masks for n, masks in by_segment.items() if masks.any()}
    if len(held) > 1 and label is None:
        raise several_labels(name, len(held))
    united = np.logical_or.reduce(list((held or by_segment).values()))
    found = {
        (instance_of(uid), number): mask
        for (uid, number), mask in zip(outlined, united, strict=True)
    }
    if len(found) > 1 and held:
        found = {which: mask for which, mask in found.items() if mask.any()}
    return OutlinesOfImages(name, found)


def _frames_named(dataset) -> dict[str, list[int | None]]:
    """Return the frames of each clip that the segmentation's frames are of, from 1."""
    found: dict[str, set[int]] = defaultdict(set)
    for frame in dataset.get("PerFrameFunctionalGroupsSequence") or []:
        for derived in frame.get("DerivationImageSequence") or []:
            for image in derived.get("SourceImageSequence") or []:
                if image.get("ReferencedFrameNumber") is not None:
                    number = int(image.ReferencedFrameNumber)
                    found[str(image.ReferencedSOPInstanceUID)].add(number)
    return {uid: [*sorted(numbers)] for uid, numbers in found.items()}


def _pixels(segmentation, outlined: list[tuple[str, int | None]], number: int) -> np.ndarray:
    """Return a segment as bool of shape (images and frames, height, width)."""
    chosen = {
        "segment_numbers": [number],
        "ignore_spatial_locations": True,
        "assert_missing_frames_are_empty": True,
    }
    parts = []
    for uid, of_one in groupby(outlined, key=lambda one: one[0]):
        frames = [frame for _, frame in of_one]
        if frames == [None]:
            parts.append(segmentation.get_pixels_by_source_instance([uid], **chosen))
        else:
            parts.append(segmentation.get_pixels_by_source_frame(uid, frames, **chosen))
    mask: np.ndarray = np.concatenate(parts)[..., 0] > 0.5
    return mask
