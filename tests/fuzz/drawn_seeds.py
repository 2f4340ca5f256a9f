"""Valid files of drawing programs, with a planted name in each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from tests.dicom import write_dicom
from tests.drawn import STUDY, coco, corners, labelme, write_rtstruct, write_seg, write_slicer
from tests.fuzz.mutations import Seed, plain
from tests.fuzz.seeds import GREY, MASK, PLANTED

LESION = MASK > 0
OTHER = np.roll(LESION, 5, axis=0)
PLACES = {
    "ImagePositionPatient": [0.0, 0.0, 0.0], "PixelSpacing": [0.1, 0.1],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "FrameOfReferenceUID": "1.2.3",
}  # fmt: skip


def _written(suffix: str, write: Callable[[Path], object]) -> Seed:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        write(path)
        return plain(path.read_bytes())


def of_labelme() -> list[Seed]:
    """Polygons, a rectangle, a circle, a line."""
    box = [[3.0, 3.0], [20.0, 12.0]]
    kinds = [(PLANTED, "rectangle", box), (PLANTED, "circle", [[9, 9], [12, 9]])]
    one = [(PLANTED, "polygon", corners(LESION))]
    return [
        plain(labelme(shapes, GREY.shape).encode())
        for shapes in (one, kinds, [*one, ("rib", "line", box)])
    ]


def of_coco() -> list[Seed]:
    """Polygons and run lengths, plain and packed."""
    outlines = ([np.ravel(corners(LESION)).tolist()], {"size": GREY.shape, "counts": "[6j0d0"},
                {"size": GREY.shape, "counts": [100, 68, 600]})  # fmt: skip
    return [plain(coco({f"{PLANTED}.png": [(PLANTED, one)]}, GREY.shape).encode())
            for one in outlines]  # fmt: skip


def of_via() -> list[Seed]:
    """A project, and the annotations as JSON and CSV."""
    x, y = zip(*corners(LESION), strict=True)
    shapes = [{"name": "polygon", "all_points_x": x, "all_points_y": y},
              {"name": "ellipse", "cx": 9, "cy": 9, "rx": 5, "ry": 3, "theta": 1},
              {"name": "rect", "x": 3, "y": 3, "width": 9, "height": 9}]  # fmt: skip
    regions = [{"shape_attributes": one, "region_attributes": {"kind": PLANTED}} for one in shapes]
    images = {f"{PLANTED}9": {"filename": f"{PLANTED}.png", "size": 9, "regions": regions}}
    head = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,"
    cells = ['"' + json.dumps(one).replace('"', '""') + '"' for one in shapes]
    rows = [f'{PLANTED}.png,9,"{{}}",3,0,{cell},"{{}}"' for cell in cells]
    return [
        plain(json.dumps(images).encode()),
        plain(json.dumps({"_via_img_metadata": images}).encode()),
        plain("\n".join([head + "region_attributes", *rows]).encode()),
    ]


def of_slicer() -> list[Seed]:
    """One layer and two, cut to the segment."""
    one, two = LESION[None, None], np.stack([LESION, OTHER])[:, None]
    layers = {PLANTED: one}, {PLANTED: two[:1], "b": two[1:]}
    return [_written(".seg.nrrd", partial(_segmented, parts)) for parts in layers]


def _segmented(parts: dict[str, np.ndarray], path: Path) -> None:
    segments = [(name, layer, 1) for layer, name in enumerate(parts)]
    pixels = np.concatenate(list(parts.values())).astype(np.uint8)
    write_slicer(path, pixels, segments, ReferenceImageExtentOffset="0 0 0")


def of_dicom() -> list[Seed]:
    """SEG of three kinds, RTSTRUCT."""
    personal = STUDY | {"PatientName": PLANTED}

    def segmented(path: Path, kind: str) -> None:
        image = write_dicom(path, GREY, **personal)
        write_seg(path, [image], {PLANTED: LESION[None]}, kind)

    flat = np.pad(np.array(corners(LESION)) / 10, ((0, 0), (0, 1)))
    return [
        *(_written(".dcm", lambda path, kind=kind: segmented(path, kind))
          for kind in ("BINARY", "FRACTIONAL", "LABELMAP")),
        _written(".dcm", lambda path: write_rtstruct(path, {PLANTED: [flat]})),
    ]  # fmt: skip
