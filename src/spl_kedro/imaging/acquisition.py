"""How an image was made and stored, as its file says; nothing that tells whose it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Acquisition:
    """What a file says of its making.

    Serial numbers, station and institution names are not read. The dates are for comparing the
    images of a cohort: a table keeps the days between them, not the dates.

    Attributes
    ----------
    file_format : str
        As the file's content says: PNG, JPEG, TIFF, BMP, DICOM, NIFTI or NRRD.
    bits : int or None
        Of a stored value of one channel.
    channels : int
        1 for grey; alpha counts.
    scanner : str or None
        Manufacturer and model.
    taken : date or None
        Stated in the file.
    written : date or None
        Of the file that was read; of a bucket it is a copy, as old as the reading.
    """

    file_format: str
    bits: int | None = None
    channels: int = 1
    scanner: str | None = None
    taken: date | None = None
    written: date | None = None


def words(*parts: Any) -> str | None:
    """Return the words of a header in one line; None where there are none.

    Examples
    --------
    >>> words("ACME ", None, "US  9"), words(None, "")
    ('ACME US 9', None)
    """
    said = " ".join(str(part) for part in parts if part)
    return " ".join(said.replace("\0", " ").split()) or None


def day_of(text: Any) -> date | None:
    """Return the day that a header states as DICOM or EXIF do; None where it is no date.

    Examples
    --------
    >>> day_of("20240131"), day_of("2024:01:31 10:20:30"), day_of("unknown")
    (datetime.date(2024, 1, 31), datetime.date(2024, 1, 31), None)
    """
    digits = str(text or "").replace(":", "").replace(".", "").replace("-", "")[:8]
    with suppress(ValueError):
        return datetime.strptime(digits, "%Y%m%d").date()
    return None
