"""Valid files of every kind that is read, of simulated content, with a planted name in each."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless
from tests.dicom import write_dicom
from tests.fuzz.mutations import Seed, plain
from tests.matrix.tables.writing import book

#: Stands in the texts of every file; no message may repeat it.
PLANTED = "Zweistein^Anna"

_RNG = np.random.default_rng(1)
GREY = _RNG.integers(0, 256, (24, 32), dtype=np.uint8)
COLOUR = _RNG.integers(0, 256, (24, 32, 3), dtype=np.uint8)
DEEP = _RNG.integers(0, 4096, (24, 32)).astype(np.uint16)
MASK = np.zeros((24, 32), np.uint8)
MASK[6:16, 8:22] = 255
_PNG = b"\x89PNG\r\n\x1a\n"


def _saved(pixels: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def png() -> list[Seed]:
    """Grey, 16 bits, colour, palette, transparency and 1 bit; chunks keep their checksums."""
    note = PngInfo()
    note.add_text("Comment", PLANTED)
    palette = Image.fromarray(GREY).convert("P")
    made = [GREY, DEEP, COLOUR, palette, np.dstack([COLOUR, MASK]), MASK > 0, MASK]
    return [_chunked(_saved(one, "PNG", pnginfo=note)) for one in made]


def _chunked(data: bytes) -> Seed:
    parts, at = {}, len(_PNG)
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        # The pixels are changed before they are packed.
        content = zlib.decompress(content) if kind == b"IDAT" else content
        parts[f"{len(parts):02} {kind.decode()}"] = content
        at += size + 12
    return Seed(parts, _png)


def _png(parts: Mapping[str, bytes]) -> bytes:
    chunks = [_PNG]
    for name, content in sorted(parts.items()):
        kind = name[3:].encode()
        body = zlib.compress(content) if kind == b"IDAT" else content
        check = struct.pack(">I", zlib.crc32(kind + body))
        chunks.append(struct.pack(">I", len(body)) + kind + body + check)
    return b"".join(chunks)


def jpeg() -> list[Seed]:
    """Grey and colour, sequential and progressive, with EXIF and a comment."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = PLANTED, 6
    made = [(GREY, {}), (COLOUR, {}), (COLOUR, {"progressive": True}), (MASK, {"quality": 98})]
    return [
        plain(_saved(one, "JPEG", exif=exif, comment=PLANTED, **options)) for one, options in made
    ]


def tiff() -> list[Seed]:
    """Every compression that libtiff has here, tiles of Pillow's default, 8 and 16 bits, float."""
    described = {"description": PLANTED, "software": PLANTED}
    packed = ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"]
    made = [_saved(COLOUR, "TIFF", compression=one, **described) for one in packed]
    made += [_saved(GREY, "TIFF", compression=one, **described) for one in packed]
    made += [_saved(MASK > 0, "TIFF", compression=one) for one in ("group3", "group4", "raw")]
    made += [_saved(DEEP, "TIFF"), _saved(GREY.astype(np.float32), "TIFF")]
    made.append(_saved(COLOUR, "TIFF", big_tiff=True))
    return list(map(plain, made))


def bmp() -> list[Seed]:
    """Grey, colour, 1 bit and palette."""
    palette = Image.fromarray(GREY).convert("P")
    return [plain(_saved(one, "BMP")) for one in (GREY, COLOUR, MASK > 0, palette)]


def dicom() -> list[Seed]:
    """Uncompressed, RLE, JPEG, JPEG 2000; windows, tables, palettes, regions and grids."""
    return [plain(data) for data in _dicoms()]


def _dicoms() -> list[bytes]:
    personal = {
        "PatientName": PLANTED, "PatientID": PLANTED, "Manufacturer": PLANTED,
        "StudyDate": "20240131", "PatientComments": PLANTED,
    }  # fmt: skip
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.02
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 31, 23
    table = Dataset()
    table.LUTDescriptor = [256, 0, 8]
    table.LUTData = bytes(range(256))
    entries = np.arange(256, dtype="<u2").tobytes()
    palette = {
        f"{name}PaletteColorLookupTable{part}": value
        for name in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [256, 0, 16]), ("Data", entries))
    }
    placed = {
        "ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.1, 0.2],
    }  # fmt: skip
    made: list[tuple] = [
        (GREY, {"SequenceOfUltrasoundRegions": [region]}),
        (GREY, {"WindowCenter": 100, "WindowWidth": 50, **placed}),
        (GREY, {"VOILUTSequence": [table]}),
        (GREY, {"RescaleSlope": 2, "RescaleIntercept": -5}),
        (GREY, {"photometric": "PALETTE COLOR", **palette}),
        (GREY.astype(np.int16), {"photometric": "MONOCHROME1", "bits": 16}),
        (DEEP, {"bits": 12, "photometric": "MONOCHROME1"}),
        (COLOUR, {"photometric": "RGB"}),
        (COLOUR, {"photometric": "YBR_FULL"}),
        (MASK, {}),
    ]
    packed: list[tuple] = [
        (GREY, JPEGBaseline8Bit, {}, {"format": "JPEG"}),
        (COLOUR, JPEGBaseline8Bit, {"photometric": "YBR_FULL_422"}, {"format": "JPEG"}),
        (GREY, JPEG2000Lossless, {}, {"format": "JPEG2000", "no_jp2": True}),
        (COLOUR, JPEG2000, {"photometric": "YBR_ICT"},
         {"format": "JPEG2000", "no_jp2": True, "irreversible": True, "mct": 1}),
    ]  # fmt: skip
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dcm"
        for pixels, elements in made:
            write_dicom(path, pixels, **elements, **personal)
            found.append(path.read_bytes())
        for pixels, syntax, elements, options in packed:
            data = write_dicom(path, pixels, **elements, **personal)
            kind = options.pop("format")
            data.PixelData = encapsulate([_saved(pixels, kind, **options)])
            data.file_meta.TransferSyntaxUID = syntax
            data.save_as(path, enforce_file_format=True)
            found.append(path.read_bytes())
        for pixels in (GREY, DEEP, COLOUR):
            kind = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
            data = write_dicom(path, pixels, kind, 8 * pixels.itemsize, **personal)
            data.compress(RLELossless)
            data.save_as(path, enforce_file_format=True)
            found.append(path.read_bytes())
    return found


def _of_itk(suffix: str, **options: object) -> list[bytes]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        for pixels in (GREY, DEEP, GREY.astype(np.float32), GREY[None], COLOUR, MASK):
            image = sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3 and len(pixels) > 1)
            image.SetSpacing((0.1,) * image.GetDimension())
            image.SetMetaData("comment", PLANTED)
            sitk.WriteImage(image, str(path), **options)
            found.append(path.read_bytes())
    return found


def nifti() -> list[Seed]:
    """One slice of each type of pixel."""
    return [plain(data) for data in _of_itk(".nii")]


def nifti_gz() -> list[Seed]:
    """The same, packed."""
    pack = partial(gzip.compress, compresslevel=1, mtime=0)
    return [Seed({"file": data}, lambda parts: pack(parts["file"])) for data in _of_itk(".nii")]


def nrrd() -> list[Seed]:
    """Raw, packed and as text; the packed pixels stay packed after a change."""
    seeds = [plain(data) for data in _of_itk(".nrrd")]
    for data in _of_itk(".nrrd", useCompression=True):
        head, _, pixels = data.partition(b"\n\n")
        parts = {"head": head, "pixels": gzip.decompress(pixels)}
        seeds.append(Seed(parts, _nrrd))
    head = b"NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 3\nencoding: text\nspacings: 1 1\n\n"
    return [*seeds, plain(head + b"1 2 3 4 5 6 7 8 9 10 11 12\n")]


def _nrrd(parts: Mapping[str, bytes]) -> bytes:
    packed = gzip.compress(parts.get("pixels", b""), mtime=0)
    return parts.get("head", b"") + b"\n\n" + packed


_ROWS = [
    ["case_id", "patient_id", "pathology", "age", "sex", "crp_mg_l"],
    ["1", PLANTED, "benign", "61", "female", "3.5"],
    ["2", f"{PLANTED}2", "malignant", "70", "male", "1,234.5"],
    ["3", "p3", "benign", "44", "n/a", ""],
]


def csv() -> list[Seed]:
    """Several separators and encodings."""
    made = []
    for separator in ",;\t|":
        text = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in _ROWS)
        encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32")
        made += [plain(text.encode(encoding)) for encoding in encodings]
    made.append(plain("case;name\r\n1;Müller\r\n2;é\r\n".encode("cp1252")))
    made.append(plain(b"sep=;\ncase;name\n1;a\n2;b\n"))
    return made


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip file of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the parts of a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xlsx() -> list[Seed]:
    """Workbooks whose parts are changed before they are packed."""

    def several(made, sheet):
        sheet["H1"], sheet["H2"] = "sum", "=1+1"
        sheet.merge_cells("A6:B7")
        made.create_sheet("other").append([PLANTED])

    numbers = [[float(c) if c.replace(".", "").isdigit() else c for c in row] for row in _ROWS]
    return [Seed(unzipped(book(rows, change)), zipped)
            for rows, change in ((_ROWS, None), (numbers, None), (numbers, several))]  # fmt: skip


def ods() -> list[Seed]:
    """An OpenDocument spreadsheet, which is refused, and the head of an old workbook."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    text = f"<office:document-content><table>{PLANTED}</table></office:document-content>"
    parts = {"mimetype": kind.encode(), "content.xml": text.encode()}
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHH", 0x3E, 3, 0xFFFE)
    old += struct.pack("<HH6xIIIIIIIII", 9, 6, 0, 1, 0, 0, 4096, 0, 0, 0xFFFFFFFE, 0)
    old += struct.pack("<109I", *range(109)) + bytes(2048)
    biff = struct.pack("<HHHH", 0x0009, 4, 2, 0x10) + struct.pack("<HH", 0x0A, 0)
    biff5 = struct.pack("<HHHHHH", 0x0809, 8, 0x0500, 5, 0x0DBB, 0x07CC)
    return [Seed(parts, zipped), plain(old), plain(biff), plain(biff5 + bytes(40))]


def request() -> list[Seed]:
    """Cases as they are sent."""
    import base64

    def sent(data: bytes) -> str:
        return base64.b64encode(data).decode()

    picture, outline = _saved(GREY, "PNG"), _saved(MASK, "PNG")
    whole = {
        "image": sent(picture), "outline": sent(outline), "spacing_mm": 0.1, "site": PLANTED,
        "clinical": {"age": 61.0, "sex": "female", "crp_mg_l": None},
    }  # fmt: skip
    few = {"clinical": {"age": 61, "margin": "smooth", "fever": "yes"}}
    shown = {"image": sent(_saved(COLOUR, "JPEG")), "outline": sent(_saved(MASK, "BMP"))}
    documents = [{"inputs": cases} for cases in ([whole], [few], [shown, few])]
    documents.append({"inputs": [{"image": sent(_dicoms()[0])}]})
    return [plain(json.dumps(one).encode()) for one in documents]


def resealed(parts: Mapping[str, bytes]) -> bytes:
    """Return a packaged study whose manifest names its parts as they are."""
    parts = dict(parts)
    try:
        manifest = json.loads(parts["manifest.json"])
        manifest["parts"] = {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in parts.items()
            if name != "manifest.json"
        }
        parts["manifest.json"] = json.dumps(manifest).encode()
    except (ValueError, KeyError, TypeError):
        pass
    return zipped(parts)


def study() -> list[Seed]:
    """A packaged study on features without images, sealed as it is and sealed again."""
    parts = unzipped(_packaged())
    parts = {
        name: parts[name] for name in ("manifest.json", *sorted(set(parts) - {"manifest.json"}))
    }
    inside = unzipped(parts["models.skops"])
    held = {f"models/{name}": content for name, content in inside.items()}
    return [
        Seed(parts, resealed),
        Seed(parts, zipped),
        Seed({**{k: v for k, v in parts.items() if k != "models.skops"}, **held}, _with_models),
    ]


def _with_models(parts: Mapping[str, bytes]) -> bytes:
    models = {k.removeprefix("models/"): v for k, v in parts.items() if k.startswith("models/")}
    others = {k: v for k, v in parts.items() if not k.startswith("models/")}
    return resealed({**others, "models.skops": zipped(models)})


def _packaged() -> bytes:
    import torch
    from tests.deployment.conftest import COHORT
    from tests.modeling.signatures.conftest import make_inputs, quick_settings

    from spl_kedro.deployment.archive import write_study
    from spl_kedro.deployment.pack import pack_study
    from spl_kedro.features.deep import DeepSettings
    from spl_kedro.features.measurement import RadiomicsSettings
    from spl_kedro.modeling import evaluation
    from spl_kedro.modeling.signatures.protocol import run_protocol
    from spl_kedro.modeling.signatures.study_table import assemble_study_table

    cohort, tables = make_inputs()
    table = assemble_study_table(cohort, {**tables, "deep": tables["deep"]._replace(components=4)})
    fitted = run_protocol(table, quick_settings())
    few = evaluation.EvaluationSettings(n_bootstrap=100)
    fitted = fitted.knowing(thresholds=evaluation.operating_thresholds(fitted.predictions, few))
    packed = pack_study(
        fitted, table, cohort, {"frozen": {"layer.weight": torch.arange(6.0).reshape(2, 3)}}, {},
        evaluation.performance(fitted.predictions, fitted.thresholds, few),
        {"model_card": PLANTED}, (COHORT, RadiomicsSettings(), DeepSettings(trained_blocks=0)),
        stated_coverage=0.9,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.spl"
        write_study(packed, path)
        return path.read_bytes()
