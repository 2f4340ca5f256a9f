"""Settings of the search for duplicates: from where on two images are one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings

#: What becomes of two patients whose images are copies.
Action = Literal["group", "quarantine", "flag"]


class DuplicateSettings(Settings):
    """How copies are found, and what becomes of them.

    The distances were chosen on half of the BrEaST lesions, the similarities on these and on
    simulated patients (docs/duplicates.md).
    """

    action: Action = Field(
        "group",
        description="group: the patients are one for every split; quarantine: both images are left "
        "out; flag: a row of the warnings alone",
    )
    contradicting_labels: Literal["quarantine", "flag"] = Field(
        "quarantine", description="what becomes of copies of which one is benign, one malignant"
    )
    crop_distance: float = Field(
        0.31, ge=0, le=0.5, description="share of bits in which the hashes of two lesions differ"
    )
    frame_distance: float = Field(0.15, ge=0, le=0.5, description="the same of two whole images")
    crop_similarity: float = Field(
        0.7, gt=0, le=1, description="correlation of two lesions from which on they are one"
    )
    frame_similarity: float = Field(
        0.9, gt=0, le=1, description="correlation of two whole images from which on they are one"
    )
    pictures: bool | None = Field(
        None, description="show the first pairs in the report; null: of simulated patients alone"
    )

    def exact_alone(self) -> DuplicateSettings:
        """Return the settings that find images with the same pixels and no other.

        Of cases that are scored and not learnt from: both are left out, since nobody knows whose
        the image is.
        """
        strict: dict[str, object] = dict.fromkeys(("crop_distance", "frame_distance"), 0.0)
        return self.model_copy(
            update=strict
            | {"action": "quarantine", "crop_similarity": 1.0, "frame_similarity": 1.0}
        )
