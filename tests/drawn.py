"""Outlines as programs for drawing them store them, for tests."""

import copy
import json

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid
from skimage.measure import find_contours

#: What highdicom asks of an image before it writes a segmentation of it.
STUDY = {
    "PatientID": "MRN-77194455", "PatientName": "Vandersloot^Eufemia", "PatientBirthDate": "",
    "PatientSex": "", "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(),
    "StudyID": "1", "StudyDate": "20240131", "StudyTime": "", "AccessionNumber": "",
    "ReferringPhysicianName": "", "SeriesNumber": 1, "InstanceNumber": 1, "Modality": "US",
}  # fmt: skip


def corners(mask: np.ndarray) -> list[list[float]]:
    """Return the polygon around a mask, (x, y) with pixels that begin at whole numbers.

    It cuts the sides of pixels half way between their centres, so that the centres within it are
    those of the mask.
    """
    (contour,) = find_contours(np.pad(mask, 1).astype(float), 0.5)
    return [[float(x) - 0.5, float(y) - 0.5] for y, x in contour[:-1]]


def labelme(shapes, size=(None, None)) -> str:
    """Return a LabelMe file of (label, kind, points)."""
    height, width = size
    return json.dumps(
        {
            "version": "5.4.1",
            "flags": {},
            "shapes": [
                {"label": label, "points": points, "shape_type": kind, "group_id": None}
                for label, kind, points in shapes
            ],
            "imagePath": "Vandersloot.png",
            "imageData": None,
            "imageHeight": height,
            "imageWidth": width,
        }
    )


def coco(annotations, size=None) -> str:
    """Return a COCO file of {image name: [(category, segmentation)]}."""
    stated = {} if size is None else {"height": size[0], "width": size[1]}
    names = sorted({category for drawn in annotations.values() for category, _ in drawn})
    images = [{"id": n, "file_name": name} | stated for n, name in enumerate(annotations, 1)]
    return json.dumps(
        {
            "images": images,
            "categories": [{"id": n, "name": name} for n, name in enumerate(names, 1)],
            "annotations": [
                {
                    "id": 1, "image_id": image["id"], "category_id": names.index(category) + 1,
                    "segmentation": outline, "bbox": [0, 0, 1, 1],
                }
                for image in images
                for category, outline in annotations[image["file_name"]]
            ],
        }
    )  # fmt: skip


def write_seg(path, images, masks: dict[str, np.ndarray], kind="BINARY"):
    """Write DICOM SEG of images; masks by segment, each of shape (images, height, width)."""
    from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentDescription
    from pydicom.sr.codedict import codes

    segments = [
        SegmentDescription(
            number, label, codes.SCT.MorphologicallyAbnormalStructure, codes.SCT.Lesion,
            SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, label in enumerate(masks, 1)
    ]  # fmt: skip
    pixels = np.stack([np.asarray(mask, np.uint8) for mask in masks.values()], axis=-1)
    if kind == "LABELMAP":
        pixels = pixels @ np.arange(1, len(masks) + 1, dtype=np.uint8)
    written = Segmentation(
        images, pixels, kind, segments, generate_uid(), 2, generate_uid(), 1, "maker", "model",
        "1", "4711",
    )  # fmt: skip
    written.save_as(path)


def write_seg_of_clip(path, clip: Dataset, masks: np.ndarray):
    """Write DICOM SEG of a clip's frames; one segment, shape (frames, height, width).

    highdicom writes segmentations of single frames; their references are then led to the clip.
    """
    frames = []
    for pixels in clip.pixel_array:
        frame = copy.deepcopy(clip)
        del frame.NumberOfFrames
        frame.SOPInstanceUID = generate_uid()
        frame.PixelData = pixels.tobytes()
        # Asked for by highdicom of several images; read by nobody.
        frame.FrameOfReferenceUID, frame.PixelSpacing = "1.2.3", [1, 1]
        frame.SliceThickness = 1
        frame.ImagePositionPatient = [0, 0, len(frames)]
        frame.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        frames.append(frame)
    numbers = {frame.SOPInstanceUID: number for number, frame in enumerate(frames, 1)}
    write_seg(path, frames, {"lesion": masks})
    written = pydicom.dcmread(path)
    (series,) = written.ReferencedSeriesSequence
    series.ReferencedInstanceSequence = series.ReferencedInstanceSequence[:1]
    series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID = clip.SOPInstanceUID
    for group in written.PerFrameFunctionalGroupsSequence:
        (source,) = group.DerivationImageSequence[0].SourceImageSequence
        source.ReferencedFrameNumber = numbers[source.ReferencedSOPInstanceUID]
        source.ReferencedSOPInstanceUID = clip.SOPInstanceUID
    written.save_as(path)


def write_rtstruct(
    path, structures: dict[str, list[np.ndarray]], image: str = "", kind="CLOSED_PLANAR", frame=None
):
    """Write DICOM RTSTRUCT; contours by structure, each of shape (points, 3) in millimetres.

    They are of an image, if one is named, and of a frame of it, counted from 1.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = RTStructureSetStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName = STUDY["PatientName"]
    dataset.StructureSetROISequence, dataset.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(structures.items(), 1):
        structure, drawn = Dataset(), Dataset()
        structure.ROINumber = drawn.ReferencedROINumber = number
        structure.ROIName, drawn.ContourSequence = name, []
        for points in contours:
            item = Dataset()
            item.ContourGeometricType, item.NumberOfContourPoints = kind, len(points)
            item.ContourData = [f"{value:.6f}" for value in np.ravel(points)]
            if image:
                reference = Dataset()
                reference.ReferencedSOPInstanceUID = image
                if frame is not None:
                    reference.ReferencedFrameNumber = frame
                item.ContourImageSequence = [reference]
            drawn.ContourSequence.append(item)
        dataset.StructureSetROISequence.append(structure)
        dataset.ROIContourSequence.append(drawn)
    dataset.save_as(path, enforce_file_format=True)


def write_slicer(path, layers: np.ndarray, segments: list[tuple[str, int, int]], **said):
    """Write `.seg.nrrd` as 3D Slicer does; layers of shape (layers, slices, height, width).

    Segments are (name, layer, label value); `said` of the whole file.
    """
    import SimpleITK as sitk

    pixels = np.moveaxis(layers, 0, -1)
    image = sitk.GetImageFromArray(
        np.ascontiguousarray(pixels if len(layers) > 1 else pixels[..., 0]),
        isVector=len(layers) > 1,
    )
    for number, (name, layer, value) in enumerate(segments):
        for key, word in {"Name": name, "ID": f"Segment_{number + 1}", "Layer": layer,
                          "LabelValue": value, "Color": "0.5 0.5 0.5"}.items():  # fmt: skip
            image.SetMetaData(f"Segment{number}_{key}", str(word))
    image.SetMetaData("Segmentation_MasterRepresentation", "Binary labelmap")
    for key, word in said.items():
        image.SetMetaData(f"Segmentation_{key}", word)
    image.SetSpacing((0.1, 0.1, 1.0))
    sitk.WriteImage(image, str(path))
