"""Settings of the cohort: how the hospital's table and files become the cohort."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from spl_kedro.cohort.frames import IN_PSEUDONYMS, FramePattern
from spl_kedro.cohort.leak_settings import LeakSettings
from spl_kedro.cohort.name_patterns import FilePatterns
from spl_kedro.guarded import Limits
from spl_kedro.imaging.duplicates import DuplicateSettings
from spl_kedro.imaging.quality import QualitySettings
from spl_kedro.parameters import Settings
from spl_kedro.schemas import CORE_COLUMNS, EXTRA_COLUMNS


class Columns(Settings):
    """Which column of the hospital's table holds what; null where there is none."""

    lesion_id: str = Field(description="unique key of the lesion")
    patient_id: str | None = Field(None, description="null: each lesion is its own patient")
    site: str | None = Field(None, description="null: one site")
    label: str | None = Field(
        description="the reference standard, by biopsy or follow-up; null: not known, which only "
        "the inference pipeline can use"
    )
    image: str | None = Field(None, description="file name; null: named as the lesion")
    masks: str | None = Field(None, description="file name(s); null: named as the lesion")
    frame: str | None = Field(
        None,
        description="the outlined frame of a clip, counted from 1; several between file_separator; "
        "null: by the outline's name or the outline itself",
    )
    spacing_mm: str | None = Field(None, description="pixel size; null: from the file")
    cohort: str | None = Field(None, description="a split made by the user; null: made here")


class Labels(Settings):
    """Words of the label column for either class; any other word is quarantined."""

    benign: tuple[str, ...] = Field(("benign",), min_length=1)
    malignant: tuple[str, ...] = Field(("malignant",), min_length=1)

    @model_validator(mode="after")
    def _classes_do_not_overlap(self) -> Labels:
        shared = {w.casefold() for w in self.benign} & {w.casefold() for w in self.malignant}
        if shared:
            raise ValueError(f"the words {sorted(shared)} stand for both classes")
        return self


class Variable(Settings):
    """What a clinical number and a clinical category share."""

    name: str = Field(min_length=1, description="name in the study's tables")
    column: str = Field(description="name in the hospital's table")
    group: Literal["known_before", "read_from_image"] = Field(
        "known_before",
        description="known before the image is read (age, history, laboratory), or a reader's "
        "description of the image",
    )


class NumericVariable(Variable):
    """A clinical number; a value outside the range sends the case to quarantine."""

    kind: Literal["numeric"] = "numeric"
    minimum: float | None = None
    maximum: float | None = None


class CategoryVariable(Variable):
    """A clinical category; with a mapping, a word that is not in it counts as missing."""

    kind: Literal["category"] = "category"
    mapping: dict[str, str] | None = Field(None, description="word in the table: category")


class ExcludedColumn(Settings):
    """A column no model may see, and why."""

    column: str
    reason: str = Field(min_length=10)


ClinicalVariable = Annotated[NumericVariable | CategoryVariable, Field(discriminator="kind")]


class Split(Settings):
    """How patients are assigned to the cohorts, before anything is fitted."""

    validation_fraction: float = Field(0.2, gt=0, lt=0.9)
    external_sites: tuple[str, ...] = Field((), description="sites kept out of the split")
    seed: int = Field(ge=0)


class Undivided(Split):
    """No split: every lesion is external to a study that was fitted elsewhere."""

    seed: int = Field(0, ge=0, description="nothing is drawn")


class Grey(Settings):
    """How the values of a file become grey values from 0 to 255."""

    range: Literal["format", "content"] | tuple[float, float] = Field(
        "format",
        description="black and white of grey images that are not 8-bit or DICOM: by the file's "
        "format, stretched to each image's own content, or stated, such as [0, 4095]",
    )
    minimum_share: float = Field(
        0.25, ge=0, le=1, description="smallest part of 0 to 255 an image must use"
    )

    @model_validator(mode="after")
    def _white_exceeds_black(self) -> Grey:
        if not isinstance(self.range, str) and self.range[0] >= self.range[1]:
            raise ValueError(f"grey.range is [black, white], black below white, not {self.range}")
        return self


class Quality(QualitySettings):
    """What image and outline must have to be measured, and what is looked for in an image."""

    minimum_lesion_pixels: int = Field(64, ge=4)


class Decoding(Settings):
    """What decoding one file may take; a file that takes more is quarantined."""

    pixels: int = Field(Limits().pixels, ge=10_000, description="width times height")
    seconds: float = Field(Limits().seconds, ge=0.5, description="on the clock")
    memory_mb: int = Field(Limits().memory_mb, ge=64, description="MiB, not held on macOS")

    @property
    def limits(self) -> Limits:
        """The same, as decoding takes it."""
        return Limits(self.pixels, self.seconds, self.memory_mb)


class CohortSettings(Settings):
    """How the hospital's table and files become the cohort; the parameters `data_processing`."""

    simulated: bool = Field(description="True where the patients are simulated")
    columns: Columns
    labels: Labels = Labels()
    spacing_to_mm: float = Field(1.0, gt=0, description="factor from the column's unit to mm")
    file_separator: str = Field(";", min_length=1, description="between several mask files")
    files: FilePatterns = FilePatterns()
    missing_words: tuple[str, ...] = ("", "na", "n/a", "nan", "unknown")
    strict_words: bool = Field(
        False,
        description="quarantine a case whose category is a word that no mapping names, instead of "
        "taking the value for missing",
    )
    # Lists, because an environment replaces a list whole, where it would merge a mapping.
    clinical: tuple[ClinicalVariable, ...]
    excluded: tuple[ExcludedColumn, ...] = ()
    split: Split
    grey: Grey = Grey()
    quality: Quality = Quality()
    leaks: LeakSettings = LeakSettings()
    decoding: Decoding = Decoding()
    duplicates: DuplicateSettings = DuplicateSettings()
    pseudonyms: str | None = Field(
        None,
        min_length=1,
        description="environment variable that holds the path of a secret key: identifiers of "
        "lesions and patients become hashes by it; null: the hospital's own are shown",
    )

    @property
    def frame_pattern(self) -> FramePattern:
        """Where the frame of a clip stands in outlines' names, once these are pseudonyms."""
        return FramePattern(self.files.frame) if self.pseudonyms is None else IN_PSEUDONYMS

    @property
    def read_from_image(self) -> list[str]:
        """Names of the clinical variables that a reader takes from the image."""
        return [v.name for v in self.clinical if v.group == "read_from_image"]

    @property
    def divided(self) -> bool:
        """Whether the patients are divided into cohorts, to fit models on some of them."""
        return not isinstance(self.split, Undivided)

    def as_external(self) -> CohortSettings:
        """Return the settings of a cohort on which a frozen study is validated.

        Every lesion is external, whatever the split says, and a variable with one value stays.
        """
        columns = self.columns.model_copy(update={"cohort": None})
        return self.model_copy(update={"columns": columns, "split": Undivided()})

    @model_validator(mode="after")
    def _files_are_named_once(self) -> CohortSettings:
        for column, pattern in (("image", self.files.image), ("masks", self.files.outline)):
            if pattern is not None and getattr(self.columns, column) is not None:
                raise ValueError(
                    f"columns.{column} names the files, and so does files: the pattern '{pattern}'"
                )
        return self

    @model_validator(mode="after")
    def _several_images_are_found_again(self) -> CohortSettings:
        if self.files.several_images and self.pseudonyms and not self.columns.image:
            raise ValueError(
                "files.several_images: with pseudonyms the files have to be named in the table "
                "(columns.image), since unsealing finds each image's row by it"
            )
        return self

    @model_validator(mode="after")
    def _outlines_follow_several_images(self) -> CohortSettings:
        if self.files.several_images and self.columns.masks and not self.columns.image:
            raise ValueError(
                f"files.several_images: columns.masks ('{self.columns.masks}') names outlines and "
                "no column names the images they belong to; name these in columns.image, or leave "
                "columns.masks null and name the outlines as the images"
            )
        return self

    @model_validator(mode="after")
    def _variables_are_named_once(self) -> CohortSettings:
        names = [variable.name for variable in self.clinical]
        repeated = sorted({name for name in names if names.count(name) > 1})
        reserved = sorted(set(names) & {*CORE_COLUMNS, *EXTRA_COLUMNS, "lesion_id"})
        if repeated or reserved:
            raise ValueError(
                f"clinical variables repeat {repeated} or use the reserved names {reserved}"
            )
        return self
