"""One case as it is sent to be scored: typed, bounded, and nothing in it followed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spl_kedro.cohort.cells import clean
from spl_kedro.cohort.settings import CategoryVariable, CohortSettings, NumericVariable
from spl_kedro.deployment.errors import RefusedCaseError
from spl_kedro.guarded import Limits, within
from spl_kedro.imaging import Outline, UltrasoundImage, image_of_bytes, outline_of_bytes
from spl_kedro.rules import Rule

#: Largest file that is decoded (bytes): an uncompressed RGB frame of 2,300 x 2,300 pixels fits.
MOST_BYTES = 16 * 1024**2
#: Largest image that is decoded (pixels), as in the pipelines.
MOST_PIXELS = 25_000_000
#: What decoding one of them may take.
LIMITS = Limits(MOST_PIXELS, seconds=20, memory_mb=2048)
_MOST_TEXT = 4 * -(-MOST_BYTES // 3)
_LONGEST_WORD = 200
# Inflated whole while its header is read, so that its size cannot be bounded before.
_DEFLATED_DICOM = b"1.2.840.10008.1.2.1.99"

Word = Annotated[str, Field(max_length=_LONGEST_WORD)]
File = Annotated[str, Field(max_length=_MOST_TEXT)]


class CaseRequest(BaseModel):
    """One case to be scored. Whatever is left out is not known.

    Attributes
    ----------
    image, outline : str or None
        A PNG, JPEG, TIFF, BMP or DICOM file each, in base64. Without both only the models that
        need no image give a score.
    spacing_mm : float or None
        Size of a pixel in mm, from above 0 to 10; by default what the file states.
    site : str or None
        Where the case comes from.
    clinical : dict of str to float, str or None
        Values by the study's names of its variables. A variable that is left out is one that is
        not had; null stands for a value that is missing.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    image: File | None = None
    outline: File | None = None
    spacing_mm: float | None = Field(None, gt=0, le=10)
    site: Word | None = Field(None, min_length=1)
    clinical: dict[Word, float | Word | None] = Field(default_factory=dict, max_length=200)


def parse_request(sent: object) -> CaseRequest:
    """Return a case that was sent.

    Parameters
    ----------
    sent : object
        As JSON gives it.

    Raises
    ------
    RefusedCaseError
        If it is no object of these fields and types, or holds a number that is none.
    """
    if not isinstance(sent, dict):
        raise RefusedCaseError(
            "a case that is an object of named fields",
            f"it is of type {type(sent).__name__}.",
            f"Send an object with some of the fields {_listed(CaseRequest.model_fields)}.",
        )
    unknown = [str(name) for name in sent if name not in CaseRequest.model_fields]
    if unknown:
        raise RefusedCaseError(
            "no field but those of a case",
            f"{len(unknown)} of its fields are unknown.",
            f"Send no other than {_listed(CaseRequest.model_fields)}; clinical values belong "
            "into clinical.",
        )
    try:
        return CaseRequest.model_validate(sent)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0])
        raise RefusedCaseError(
            f"{field} as it is described",
            f"{field}: {first['msg']}.",
            "Correct its type or its value, or leave the field out where it is not known.",
        ) from None


def image_of(request: CaseRequest) -> UltrasoundImage | None:
    """Return the image that a case brings along; its size is looked at before it is decoded.

    Raises
    ------
    RefusedCaseError
        If it is no base64 or too large.
    UnusableLesionError
        If it is no image that can be read.
    """
    if request.image is None:
        return None
    data = _file("image", request.image)
    with within(LIMITS):
        return image_of_bytes("the image", data)


def outline_of(request: CaseRequest) -> Outline | None:
    """Return the outline that a case brings along; as :func:`image_of`."""
    if request.outline is None:
        return None
    data = _file("outline", request.outline)
    with within(LIMITS):
        return outline_of_bytes("the outline", data)


def clinical_cells(
    sent: Mapping[str, float | str | None], settings: CohortSettings
) -> dict[str, str]:
    """Return clinical values as cells of the study's table.

    Parameters
    ----------
    sent : mapping of str to float, str or None
        By the names of variables. Of a category its name or the table's word for it.
    settings : CohortSettings

    Returns
    -------
    dict of str to str
        By the names of variables; a missing value is an empty cell.

    Raises
    ------
    RefusedCaseError
        If the study has no such variable, or a value is of another type, out of range or no
        category.
    """
    known = {variable.name: variable for variable in settings.clinical}
    if not known.keys() >= sent.keys():
        raise RefusedCaseError(
            "variables of the study",
            "clinical holds a name that the study does not know.",
            f"Its variables are {_listed(known) or 'none'}.",
        )
    missing = {word.casefold() for word in settings.missing_words} | {""}
    cells = {}
    for name, value in sent.items():
        variable = known[name]
        if value is None or (isinstance(value, str) and clean(value).casefold() in missing):
            cells[name] = ""
        elif isinstance(variable, NumericVariable):
            cells[name] = _number(variable, value)
        else:
            cells[name] = _category(variable, value)
    return cells


def _file(field: str, text: str) -> bytes:
    if len(text) > _MOST_TEXT:
        raise _too_large(field)
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedCaseError(
            f"{field} in base64",
            f"the text in {field} is none.",
            "Send the bytes of the file in base64, without line breaks and without a prefix; no "
            "path is read and no address is opened.",
        ) from None
    if len(data) > MOST_BYTES:
        raise _too_large(field)
    if _DEFLATED_DICOM in data:
        raise RefusedCaseError(
            Rule.READABLE,
            f"{field} is a DICOM file in the deflated transfer syntax.",
            "Export it uncompressed, or as PNG.",
        )
    return data


def _too_large(field: str) -> RefusedCaseError:
    return RefusedCaseError(
        "a file that is not too large",
        f"{field} has more than {MOST_BYTES} bytes.",
        "Export the B-mode frame at its native size.",
    )


def _number(variable: NumericVariable, value: float | str) -> str:
    if isinstance(value, str):
        raise RefusedCaseError(
            Rule.NUMBER, f"{variable.name} holds a text.", "Send a number, or null where missing."
        )
    low = float("-inf") if variable.minimum is None else variable.minimum
    high = float("inf") if variable.maximum is None else variable.maximum
    if not low <= value <= high:
        raise RefusedCaseError(
            Rule.RANGE,
            f"{variable.name} lies outside {low:g} to {high:g}.",
            "Correct the value, or send null.",
        )
    return repr(float(value))


def _category(variable: CategoryVariable, value: float | str) -> str:
    if not isinstance(value, str):
        raise RefusedCaseError(
            Rule.CATEGORY,
            f"{variable.name} holds a number.",
            "Send a word, or null where missing.",
        )
    if variable.mapping is None:
        return value
    folded = clean(value).casefold()
    words = {word.casefold(): word for word in variable.mapping}
    words |= {category.casefold(): word for word, category in variable.mapping.items()} | words
    if folded not in words:
        raise RefusedCaseError(
            Rule.CATEGORY,
            f"{variable.name} holds a word that is none of its categories.",
            f"Send one of {_listed(dict.fromkeys(variable.mapping.values()))}, or null.",
        )
    return words[folded]


def _listed(names: Any) -> str:
    return ", ".join(names)
