"""What shows only when lesions are compared: shared outlines, patients of both classes."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from spl_kedro.imaging import CaseWarning


def _others_with_the_same(checksums: pd.Series, lesion_id: str) -> list[str]:
    same = checksums.index[checksums == checksums[lesion_id]]
    return [name for name in same if name != lesion_id]


def outlines_of_their_own(lesions: pd.DataFrame) -> Iterator[tuple[str, CaseWarning]]:
    """Find outlines that are the same to the pixel, which two drawings never are.

    Parameters
    ----------
    lesions : DataFrame, index `lesion_id`
        With `outline` (checksum of the mask).
    """
    for lesion_id in lesions.index[lesions["outline"].duplicated(keep=False)]:
        others = _others_with_the_same(lesions["outline"], lesion_id)
        yield (
            str(lesion_id),
            CaseWarning(
                "an outline of its own",
                f"the outline is the same to the pixel as that of {', '.join(others)}.",
                "Check that each lesion has its own outline and not a copy of another's.",
            ),
        )


def patients_of_one_class(lesions: pd.DataFrame) -> Iterator[tuple[str, CaseWarning]]:
    """Find patients with a benign and a malignant lesion: possible, but often a slip.

    Parameters
    ----------
    lesions : DataFrame, index `lesion_id`
        With `patient_id` and `label`.
    """
    classes = lesions.groupby("patient_id")["label"].transform("nunique")
    for lesion_id in lesions.index[classes > 1]:
        yield (
            str(lesion_id),
            CaseWarning(
                "one diagnosis a patient",
                "the patient has a benign and a malignant lesion.",
                "Check the diagnoses and the patient identifiers; both may be right.",
            ),
        )
