"""A hospital's folder full of identifiers that the study names nowhere, and a search for them."""

import base64
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.dicom import write_dicom
from tests.hospital import simulate

#: Columns of the table that no setting names.
COLUMNS = {
    "patient_name": "Quisenberry-Zawadzki",
    "born": "1937-11-29",
    "street": "Xylophonweg 4711",
    "phone": "0049-555-918273",
    "insurance": "AOK-Q918273645",
}
DICOM = {
    "PatientName": "Vandersloot^Eufemia",
    "PatientID": "MRN-77194455",
    "PatientBirthDate": "19371128",
    "InstitutionName": "Sanatorium Wolkenstein",
}
PRIVATE, EXIF, PNG_TEXT = "PRIVATE-Ottokar-881", "EXIF-Brunhilde-882", "PNGTEXT-Leopoldine-883"
TIFF, COMMENT = "TIFFTAG-Sieglinde-884", "COMMENT-Kunigunde-885"
#: Written into a corner of the picture, away from every lesion.
PIXELS = np.random.default_rng(5).integers(1, 255, 24, dtype=np.uint8).tobytes()
TEXTS = [*COLUMNS.values(), *DICOM.values(), PRIVATE, EXIF, PNG_TEXT, TIFF, COMMENT]
#: The beginning of every file's name, as hospitals choose them.
FILE_NAME = "Muellerova_Anna"


def hospital(folder: Path, patients: int) -> pd.DataFrame:
    """Write the table, images of five kinds and outlines; return the table."""
    cohort = simulate(patients)
    table = cohort.table.assign(**COLUMNS)
    table["picture"] = ""
    for kind in ("images", "outlines"):
        (folder / kind).mkdir(parents=True)
    rows = zip(table.index, table["image_file"], table["outline_file"], strict=True)
    for number, (row, image, outline) in enumerate(rows):
        name = f"{FILE_NAME}_{number}"
        grey = cohort.images[image].copy()
        grey[2, 2 : 2 + len(PIXELS)] = np.frombuffer(PIXELS, np.uint8)
        table.loc[row, "picture"] = _write(folder / "images" / name, grey, number % 5)
        Image.fromarray(cohort.masks[outline]).save(folder / "outlines" / f"{name}_mask.png")
    table.to_csv(folder / "cohort.csv", index=False)
    return table


def _write(path: Path, grey: np.ndarray, kind: int) -> str:
    """Write a picture in one of five kinds with what such files tell; return its name."""
    picture, exif = Image.fromarray(grey), Image.Exif()
    exif[315] = exif[270] = EXIF  # artist, description
    if kind == 0:
        path = path.with_suffix(".dcm")
        data = write_dicom(path, grey, Manufacturer="ACME", **DICOM)
        block = data.private_block(0x0009, PRIVATE, create=True)
        block.add_new(1, "LO", PRIVATE)
        data.save_as(path, enforce_file_format=True)
    elif kind == 1:
        path = path.with_suffix(".jpg")
        picture.save(path, quality=98, exif=exif, comment=COMMENT.encode())
    elif kind == 2:
        path, text = path.with_suffix(".png"), PngInfo()
        text.add_text("Patient", PNG_TEXT)
        text.add_text("Comment", PNG_TEXT, zip=True)
        picture.save(path, pnginfo=text, exif=exif)
    elif kind == 3:
        path = path.with_suffix(".tif")
        picture.save(path, tiffinfo={270: TIFF, 315: TIFF, 316: TIFF})
    else:
        path = path.with_suffix(".bmp")
        picture.save(path)
    return path.name


def found(folder: Path, wanted: list[str | bytes]) -> list[str]:
    """Return where what was planted stands in any file of a folder, or in the name of one.

    Tables, databases, archives, pictures and those within pages are opened; whatever else there is
    is searched byte by byte, in the two ways in which text is stored.
    """
    forms: dict[bytes, str | bytes] = {}
    for what in wanted:
        for form in (
            (what,) if isinstance(what, bytes) else (what.encode(), what.encode("utf-16le"))
        ):
            forms[form] = what
    hits = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        place = path.relative_to(folder)
        for content in (str(place).encode(), *_contents(path.name, path.read_bytes(), path)):
            hits |= {f"{what!r} in {place}" for form, what in forms.items() if form in content}
    return sorted(hits)


def _contents(name: str, data: bytes, path: Path | None = None) -> Iterator[bytes]:
    yield data
    if path is not None and name.endswith(".parquet"):
        table = pd.read_parquet(path).reset_index()
        texts = table.select_dtypes(exclude="number")
        yield "\n".join([*map(str, table.columns), texts.to_csv()]).encode()
    elif path is not None and data.startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            yield "\n".join(database.iterdump()).encode()
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield member.encode()
                yield from _contents(member, archive.read(member))
    elif data.startswith(b"\x89PNG"):
        with Image.open(io.BytesIO(data)) as picture:
            yield repr(picture.info).encode()
            yield picture.convert("L").tobytes()
    elif name.endswith((".html", ".svg")):
        for packed in re.findall(rb"base64,([A-Za-z0-9+/=\s]+)", data):
            yield from _contents("", base64.b64decode(packed))
