"""The files of one lesion: read, brought together, and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from spl_kedro.cohort.frames import frames_of, no_outline, silent
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging import CaseWarning, Lesion, UltrasoundImage, UnusableLesionError
from spl_kedro.imaging.clips import at_frame, check_frame
from spl_kedro.imaging.outline import Clip
from spl_kedro.imaging.outline_files import AnyOutline
from spl_kedro.imaging.outlines import check_outline, in_pieces, outline_warnings, unite
from spl_kedro.imaging.quality import Finding, Picture, colours_of, examine, inpainted
from spl_kedro.rules import Rule

ImageReaders = Mapping[str, Callable[[], UltrasoundImage]]
OutlineReaders = Mapping[str, Callable[[], AnyOutline]]


class ReadLesion(NamedTuple):
    """A lesion once it is read.

    Attributes
    ----------
    lesion : Lesion
        Its image inpainted, where the study wants that.
    warnings : list of CaseWarning
        What looks wrong about its outline and pixel size.
    findings : list of Finding
        Of the checks of image quality; empty where the image was not judged.
    inpainted_pixels : int
        Pixels that were filled in.
    """

    lesion: Lesion
    warnings: list[CaseWarning]
    findings: list[Finding]
    inpainted_pixels: int


@dataclass(frozen=True)
class LesionFiles:
    """How to read one lesion.

    Attributes
    ----------
    lesion_id : str
    image : function
        Reads the image.
    outlines : tuple of function
        Each reads an outline.
    table_spacing_mm : float or None
        The pixel size that the row of the table states.
    settings : CohortSettings
    notes : tuple of CaseWarning
        On the names of the files.
    stated : tuple of int
        Frames of a clip that the row states, from 1.
    outlined : tuple of int or None
        Which frame each outline is of, by its name or its place in the row; empty for none.
    frame : int or None
        Which frame of a clip this lesion is.
    others : bool
        Whether other frames of the clip are outlined too.
    row : str
        Identifier of the row whose clip it is a frame of; empty for `lesion_id`.
    """

    lesion_id: str
    image: Callable[[], UltrasoundImage]
    outlines: tuple[Callable[[], AnyOutline], ...]
    table_spacing_mm: float | None
    settings: CohortSettings
    notes: tuple[CaseWarning, ...] = ()
    stated: tuple[int, ...] = ()
    outlined: tuple[int | None, ...] = ()
    frame: int | None = None
    others: bool = False
    row: str = ""

    def open(self) -> UltrasoundImage:
        """Read the image.

        Raises
        ------
        ClipError
            If it is a clip, and no frame is chosen.
        UnusableLesionError
            If it cannot be read.
        """
        with at_frame(self.frame):
            return self.image()

    def read(self) -> Lesion:
        """Read and check the lesion.

        Returns
        -------
        Lesion
            With the pixel size of the table where it has one, else of the file; inpainted, where
            the study wants that.

        Raises
        ------
        UnusableLesionError
            If a file cannot be read or the outline cannot be measured.
        """
        return self.examine(self.open(), judge=self.settings.quality.action == "inpaint").lesion

    def examine(self, image: UltrasoundImage, *, judge: bool = True) -> ReadLesion:
        """Return the lesion of an image already read, and what looks wrong about it.

        Parameters
        ----------
        image : UltrasoundImage
        judge : bool
            Whether the quality of the image is judged. Colour is read from the file's pixels.
        """
        masks = self._masks(image)
        mask = unite(masks)
        grey = image.grey_within(self.settings.grey.range, self.settings.grey.minimum_share)
        check_outline(mask, grey, self.settings.quality.minimum_lesion_pixels)
        spacing: tuple[float, float] | None
        unknown: list[CaseWarning] = []
        if self.table_spacing_mm is None:
            spacing, unknown = image.spacing_at(mask)
        else:
            spacing = (self.table_spacing_mm, self.table_spacing_mm)
        lesion = Lesion(self.lesion_id, grey, mask, spacing)
        warnings = [
            *self.notes,
            *(in_pieces(mask) if len(masks) == 1 else []),
            *outline_warnings(mask, grey),
            *unknown,
        ]
        if not judge:
            return ReadLesion(lesion, warnings, [], 0)
        quality = self.settings.quality
        rounded = np.rint(grey).astype(np.uint8)
        picture = Picture(rounded, mask, colours_of(image.pixels), quality.near)
        examination = examine(picture, quality)
        filled = grey
        if quality.action == "inpaint":
            filled = inpainted(grey, examination.drawn)
        return ReadLesion(
            replace(lesion, image=filled),
            warnings,
            examination.findings,
            int((filled != grey).sum()),
        )

    def _masks(self, image: UltrasoundImage) -> list[np.ndarray]:
        """Return the outlines of the image, or of its frame, each on its pixels."""
        if self.frame is None and self.stated not in ((), (1,)):
            check_frame("the image", max(self.stated), 1)
        masks = []
        for told, read in zip(self.told, self.outlines, strict=True):
            if self.frame is not None and told not in (None, self.frame):
                continue
            outline = read()
            if outline.sha256 and outline.sha256 == image.sha256:
                raise UnusableLesionError(
                    Rule.NO_PICTURE,
                    "the outline's file is the image's, byte for byte.",
                    "Put the outline in place of the picture.",
                )
            if self.frame is not None and told is None:
                frames = frames_of(outline, Clip(image.instance, image.frames))
                if frames is None and self.others:
                    raise silent(image.frames)
                if frames is not None and self.frame not in frames:
                    continue
            masks.append(outline.on(image.place))
        if not masks:
            raise no_outline(self.frame)
        return masks

    @property
    def told(self) -> tuple[int | None, ...]:
        """Which frame each outline is of, as far as names and table say."""
        return self.outlined or (None,) * len(self.outlines)
