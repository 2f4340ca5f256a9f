"""What is fuzzed: a reader for each kind of file, and what any bytes must lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tests.fuzz import drawn_seeds, seeds
from tests.fuzz.mutations import Seed

from spl_kedro.errors import MendableError


class BrokenPromiseError(AssertionError):
    """A refusal that is not one line with rule and remedy, or repeats what is in the file."""


class Target(NamedTuple):
    """One reader.

    Attributes
    ----------
    seeds : function
        Makes the valid files.
    suffix : str
        Of the file that is read.
    read : function of a path
        Yields functions that read the file, each by itself.
    words : sequence of bytes
        What the format knows.
    """

    seeds: Callable[[], list[Seed]]
    suffix: str
    read: Callable[[Path], Sequence[Callable[[], object]]]
    words: Sequence[bytes] = ()


def check(target: Target, path: Path) -> None:
    """Read a file in every way; each gives a value or a refusal in one line that quotes nothing.

    Raises
    ------
    BrokenPromiseError
        If a refusal is not as it should be.
    Exception
        If reading raises anything but a refusal.
    """
    for read in target.read(path):
        try:
            read()
        except MendableError as refusal:
            _check_refusal(refusal, path)
        except MemoryError:
            pass  # what the guard turns into a refusal


def _check_refusal(refusal: MendableError, path: Path) -> None:
    words = str(refusal)
    faults = {
        "more than one line": len(words.splitlines()) != 1 or not words.isprintable(),
        "longer than 2500 characters": len(words) > 2500,
        "no rule, message or remedy": not all([refusal.rule, refusal.message, refusal.remedy]),
        "the name of a folder": str(path.parent) in words,
        "the content of the file": any(part in words.casefold() for part in ("zweistein", "anna")),
    }
    for fault, found in faults.items():
        if found:
            raise BrokenPromiseError(fault)


def _picture(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.imaging import image_of_bytes, outline_of_bytes, read_image, read_outline

    def image() -> None:
        read = read_image(path)
        read.spacing_at(np.ones(read.shape, dtype=bool))
        with suppress(MendableError):
            read.grey_within("content", 0.0)
        read.grey_within("format", 0.25)

    def sent() -> None:
        _ = image_of_bytes("the image", path.read_bytes()).grey

    return (
        image,
        lambda: read_outline(path).mask,
        sent,
        lambda: outline_of_bytes("the outline", path.read_bytes()).mask,
    )


def _grid(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.imaging import read_image, read_outline
    from spl_kedro.imaging.grid import bring_to_image

    def both() -> None:
        image, outline = read_image(path), read_outline(path)
        bring_to_image(outline.mask, outline.grid, image.shape, image.grid)

    return (*_picture(path)[:2], both)


def _drawn(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.imaging import read_outline
    from spl_kedro.imaging.grid import Grid
    from spl_kedro.imaging.outline import ImagePlace

    steps = np.eye(3) / 10
    grid = Grid(np.zeros(3), steps[1], steps[0], planar=False)
    places = ImagePlace(seeds.GREY.shape), ImagePlace(seeds.GREY.shape, grid, "another")
    return tuple(
        partial(lambda place, label: read_outline(path, label).on(place), place, label)
        for place in places
        for label in (None, seeds.PLANTED)
    )


def _of_many(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.imaging.annotations.cohort_file import read_annotations
    from spl_kedro.imaging.outline import ImagePlace

    def every() -> None:
        for image in list(read_annotations(path).values())[:9]:
            with suppress(MendableError):
                image.outline().on(ImagePlace(seeds.GREY.shape))
            image.outline(seeds.PLANTED).on(ImagePlace(seeds.GREY.shape))

    return (every,)


def _table(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.cohort.columns import without_repetitions
    from spl_kedro.cohort.table import tidy_table
    from spl_kedro.cohort.table_file import read_table

    def tidy() -> None:
        table, _ = without_repetitions(read_table(path))
        tidy_table(table, _cohort_settings())

    return (tidy,)


@cache
def _cohort_settings():
    import yaml
    from tests.projects import ROOT

    from spl_kedro.cohort.settings import CohortSettings

    told = yaml.safe_load((ROOT / "conf/base/globals.yml").read_text(encoding="utf-8"))
    text = (ROOT / "conf/base/parameters_data_processing.yml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{globals:(\w+)\}", lambda found: json.dumps(told[found[1]]), text)
    values = yaml.safe_load(text)["data_processing"]
    columns = {"lesion_id": "case_id", "patient_id": "patient_id", "label": "pathology"}
    few = [one for one in values["clinical"] if one["name"] in ("age", "sex", "crp_mg_l")]
    return CohortSettings.model_validate({**values, "columns": columns, "clinical": few})


def _request(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.deployment.request import clinical_cells, image_of, outline_of, parse_request
    from spl_kedro.serving.guard import guarded
    from spl_kedro.serving.model import _listed

    refusals: list[MendableError] = []

    def invocations(sent, content_type, model, schema):
        # What the served study does with a request, up to where features are measured.
        for case in _listed(sent["inputs"]):
            try:
                request = parse_request(case)
                image = image_of(request)
                _ = image and image.grey
                outline = outline_of(request)
                _ = outline and outline.mask
                clinical_cells(request.clinical, _cohort_settings())
            except MendableError as refusal:
                refusals.append(refusal)
        return None

    def answer() -> None:
        answered = guarded(invocations)(path.read_bytes(), "application/json", None, None)
        if answered is not None:
            json.loads(answered.response)
            if "weistein" in answered.response:
                raise BrokenPromiseError("the content of the request")
        for refusal in refusals:
            raise refusal

    return (answer,)


def _study(path: Path) -> Sequence[Callable[[], object]]:
    from spl_kedro.deployment.archive import read_manifest, read_study

    return (lambda: read_manifest(path), lambda: read_study(path))


_TABLE_WORDS = (b",", b";", b"\t", b"|", b'"', b"\n", b"\r", b"\r\n", b"\0", b"\xef\xbb\xbf", b"=",
                b"sep=;\n", b"\xfc", b"\xff\xfe", b"{", b"<html>", b"#N/A", b"1e999", b"-inf",
                b"\xe2\x80\xa8", b"\xd9\xa3", b"nan")  # fmt: skip
_SHEET_WORDS = (b"<c ", b"</c>", b' r="XFD1048576"', b' r="A1"', b' t="s"', b"<v>99999999</v>",
                b"<v>-1</v>", b' ref="A1:XFD1048576"', b"<mergeCell", b"<row r=\"1048576\">",
                b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#x1F;", b's="9999"', b"1e400",
                b"<f>1+1</f>", b' t="e"', b' t="d"', b' t="b"')  # fmt: skip
_HEADER_WORDS = (b"sizes: 1 1\n", b"encoding: gzip\n", b"encoding: bz2\n", b"encoding: hex\n",
                 b"data file: /etc/passwd\n", b"data file: LIST\n", b"kinds: domain domain\n",
                 b"space: left-posterior-superior\n", b"space directions: none none\n", b"nan",
                 b"inf", b"-1", b"type: block\n", b"block size: 9\n", b"dimension: 16\n",
                 b"byte skip: -1\n", b"line skip: 99\n")  # fmt: skip
_DICOM_WORDS = (b"\x28\x00\x08\x00", b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"SQ\0\0\xff\xff\xff\xff",
                b"\xfe\xff\xdd\xe0\0\0\0\0", b"1.2.840.10008.1.2.1.99\0", b"1.2.840.10008.1.2.5",
                b"1.2.840.10008.1.2.4.90", b"MONOCHROME1", b"YBR_FULL_422", b"PALETTE COLOR ",
                b"OB", b"US", b"DS", b"\xe0\x7f\x10\x00")  # fmt: skip
_JSON_WORDS = (b"[" * 2000, b"{", b"null", b"1e999", b"NaN", b"-0", b"\\u0000", b"\\ud800", b"true",
               b'"inputs":', b"9" * 5000, b'"image":', b'"clinical":', b"==", b"\xff")  # fmt: skip

_SHAPE_WORDS = (b"[" * 2000, b"{}", b"[]", b"null", b"1e999", b"NaN", b"-1", b"1e30", b"true",
                b"9" * 400, b'"shapes":', b'"images":', b'"annotations":', b'"counts":',
                b'"size":', b'"rect"', b'"polygon"', b'"circle"', b'"label":', b"\xef\xbb\xbf",
                b"\xff", b'""', b",")  # fmt: skip
_SEGMENT_WORDS = (b"Segment0_LabelValue:=9", b"Segment9_Layer:=-1\n", b"Segment0_Layer:=x\n",
                  b"Segmentation_ReferenceImageExtentOffset:=-9 9 0\n")  # fmt: skip
_PNG_WORDS = (b"acTL", b"tRNS", b"eXIf", b"iTXt", b"\0\0\0\0")
_JPEG_WORDS = (b"\xff\xc0", b"\xff\xc2", b"\xff\xda", b"\xff\xe1", b"\xff\xc4", b"\xff\xd9",
               b"MPF\0", b"Exif\0\0", b"\xff\xdd\0\4\0\1")  # fmt: skip
_TIFF_WORDS = (b"\3\1\3\0\1\0\0\0\7\0\0\0", b"\0\0\0\0", b"\x42\1\4\0\1\0\0\0\x10\0\0\0",
               b"\x11\1\4\0", b"\2\1\3\0\1\0\0\0\x20\0\0\0")  # fmt: skip
_BMP_WORDS = (b"\1\0\0\0", b"\2\0\0\0", b"\3\0\0\0")
_NIFTI_WORDS = (b"n+1\0", b"ni1\0", b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\x1f\x8b\x08")
_OLD_WORDS = (b"\x09\x08", b"\x0a\0\0\0", b"\x85\0")
_STUDY_WORDS = (b'"format": 99', b"../x", b'"bytes": -1', b"{}", b'"__module__": "os"', b"null",
                b'"__class__": "system"')  # fmt: skip

TARGETS = {
    "png": Target(seeds.png, ".png", _picture, _PNG_WORDS),
    "jpeg": Target(seeds.jpeg, ".jpg", _picture, _JPEG_WORDS),
    "tiff": Target(seeds.tiff, ".tif", _picture, _TIFF_WORDS),
    "bmp": Target(seeds.bmp, ".bmp", _picture, _BMP_WORDS),
    "dicom": Target(seeds.dicom, ".dcm", _picture, _DICOM_WORDS),
    "nifti": Target(seeds.nifti, ".nii", _grid, _NIFTI_WORDS),
    "nifti_gz": Target(seeds.nifti_gz, ".nii.gz", _grid, _NIFTI_WORDS),
    "nrrd": Target(seeds.nrrd, ".nrrd", _grid, _HEADER_WORDS),
    "labelme": Target(drawn_seeds.of_labelme, ".json", _drawn, _SHAPE_WORDS),
    "coco": Target(drawn_seeds.of_coco, ".json", _of_many, _SHAPE_WORDS),
    "via": Target(drawn_seeds.of_via, ".json", _of_many, _SHAPE_WORDS),
    "slicer": Target(drawn_seeds.of_slicer, ".seg.nrrd", _drawn, _HEADER_WORDS + _SEGMENT_WORDS),
    "dicom_outlines": Target(drawn_seeds.of_dicom, ".dcm", _drawn, _DICOM_WORDS),
    "csv": Target(seeds.csv, ".csv", _table, _TABLE_WORDS),
    "xlsx": Target(seeds.xlsx, ".xlsx", _table, _SHEET_WORDS),
    "ods": Target(seeds.ods, ".xls", _table, _OLD_WORDS),
    "request": Target(seeds.request, ".json", _request, _JSON_WORDS),
    "study": Target(seeds.study, ".spl", _study, _STUDY_WORDS),
}
