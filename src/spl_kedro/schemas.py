"""The tables that pass between pipelines, each written down once (Pandera)."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Index, Series

from spl_kedro.rules import ActionTaken

COHORTS = ("training", "validation", "external")
#: The five models of the publication.
MODELS = ("clinical", "rad", "dtl", "dlr", "cdlr")
#: What shows which part adds what: the clinical features with one image signature alone, and
#: Clinical and CDLR on what is known before the image is read.
PART_MODELS = ("clinical_rad", "clinical_dtl", "clinical_before", "cdlr_before")
ALL_MODELS = (*MODELS, *PART_MODELS)
# Said wherever the models are listed, in a study of images and diagnoses alone.
NO_VARIABLE = "no clinical variable in this study"
NO_CLINICAL_MODEL = (
    f"Clinical: not available, {NO_VARIABLE}. CDLR is DLR: there is nothing to fuse its score with."
)
#: The result; the in-sample recipe with the same classifiers; the recipe with radial ones.
PROTOCOLS = ("leak_free", "as_published", "as_published_radial")

CORE_COLUMNS = (
    "patient_id",
    "site",
    "label",
    "cohort",
    "spacing_row_mm",
    "spacing_col_mm",
    "image_sha256",
    "simulated",
)
#: The site of every lesion where the hospital's table has no column of sites.
SITE_NOT_STATED = "not stated"
#: A further column of a cohort of which some images were inpainted: how many pixels were filled in.
INPAINTED_PIXELS = "inpainted_pixels"
#: A further column of a cohort in which patients were joined, since their images are copies: whose
#: each lesion is by the hospital's table. `patient_id` is then the joined patients' first.
PATIENT_AS_GIVEN = "patient_as_given"
EXTRA_COLUMNS = (INPAINTED_PIXELS, PATIENT_AS_GIVEN)


def clinical_columns(cohort: pd.DataFrame) -> list[str]:
    """Return the clinical variables of a cohort table: all that is not a core column."""
    known = {*CORE_COLUMNS, *EXTRA_COLUMNS}
    return [column for column in cohort.columns if column not in known]


def is_simulated(cohort: pd.DataFrame) -> bool:
    """Return whether a cohort is called simulated: as soon as one of its patients is.

    Numbers and pictures of a cohort of both kinds are then marked as simulated, since part of
    what they show happened to nobody.
    """
    return bool(cohort["simulated"].any())


class Cohort(pa.DataFrameModel):
    """One row per usable lesion; further columns are typed clinical variables."""

    lesion_id: Index[str] = pa.Field(unique=True, check_name=True)
    patient_id: Series[str]
    site: Series[str]
    label: Series[int] = pa.Field(isin=(0, 1), description="0 benign, 1 malignant")
    cohort: Series[str] = pa.Field(isin=COHORTS)
    spacing_row_mm: Series[float] = pa.Field(gt=0, nullable=True)
    spacing_col_mm: Series[float] = pa.Field(gt=0, nullable=True)
    image_sha256: Series[str] = pa.Field(str_length=64)
    simulated: Series[bool]
    inpainted_pixels: Series[int] | None = pa.Field(
        ge=0, description="of the image, filled in where marks were drawn; only with inpainting"
    )
    patient_as_given: Series[str] | None = pa.Field(
        description="by the hospital's table; only where patients with copied images were joined"
    )

    @pa.dataframe_check(error="a patient appears in more than one cohort")
    def patients_stay_in_one_cohort(cls, table: pd.DataFrame) -> bool:  # noqa: N805 - Pandera's form
        """Return whether each patient is in a single cohort."""
        return bool((table.groupby("patient_id")["cohort"].nunique() == 1).all())


class Acquisition(pa.DataFrameModel):
    """How each usable lesion's image was made and stored, as far as its file says."""

    lesion_id: Index[str] = pa.Field(unique=True, check_name=True)
    file_format: Series[str] = pa.Field(nullable=True)
    bits: Series[float] = pa.Field(ge=1, nullable=True, description="of a stored value")
    channels: Series[float] = pa.Field(ge=1, nullable=True)
    scanner: Series[str] = pa.Field(nullable=True, description="manufacturer and model")
    height: Series[int] = pa.Field(ge=1)
    width: Series[int] = pa.Field(ge=1)
    days_taken: Series[float] = pa.Field(
        ge=0, nullable=True, description="since the cohort's first image, by the dates stated"
    )
    days_written: Series[float] = pa.Field(
        ge=0, nullable=True, description="since the cohort's first file, by the files' own dates"
    )
    table_row: Series[int] | None = pa.Field(
        ge=1, description="the row's place in the hospital's table, for the leak detector alone"
    )

    class Config:
        strict = True


class Findings(pa.DataFrameModel):
    """What any stage found: the rule, the action taken and what the user can do about it.

    A case is a lesion by its identifier, or ``all lesions`` where the cohort, its table or one of
    its columns is meant. The lesions received are those usable and those quarantined.
    """

    lesion_id: Series[str]
    stage: Series[str]
    rule: Series[str] = pa.Field(description="what must hold, or is expected")
    action: Series[str] = pa.Field(isin=[str(action) for action in ActionTaken])
    message: Series[str] = pa.Field(description="what was found")
    remedy: Series[str]

    class Config:
        strict = True


class Leaks(pa.DataFrameModel):
    """What was looked at that could give the label away, those listed first."""

    variable: Series[str] = pa.Field(description="clinical variable, fact of the image, order")
    rule: Series[str]
    measure: Series[str] = pa.Field(isin=("", "AUC", "share missing"))
    value: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    low: Series[float] = pa.Field(nullable=True, description="of the 95 % interval")
    high: Series[float] = pa.Field(nullable=True)
    p_value: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    cases: Series[int] = pa.Field(ge=0, description="patients of the training cohort")
    message: Series[str]
    remedy: Series[str]
    p_holm: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    listed: Series[bool]
    action: Series[str] = pa.Field(isin=("", str(ActionTaken.FLAGGED), str(ActionTaken.LEFT_OUT)))

    class Config:
        strict = True


class Quality(pa.DataFrameModel):
    """What each check of image quality measured of each image, also of those left out for it."""

    lesion_id: Series[str]
    check: Series[str] = pa.Field(description="as imaging.quality.CHECKS names it")
    value: Series[float] = pa.Field(
        nullable=True, description="in the check's unit; missing where it does not apply"
    )
    threshold: Series[float]
    found: Series[bool]
    kind: Series[str] = pa.Field(description="of text: what it looks like; never what it says")
    action: Series[str] = pa.Field(isin=("", "flag", "quarantine", "inpaint"))

    class Config:
        strict = True
        unique = ["lesion_id", "check"]


class Duplicates(pa.DataFrameModel):
    """Pairs of images that are copies of each other, also of those left out for it."""

    lesion_id: Series[str] = pa.Field(description="the first of the two, by its identifier")
    other_lesion_id: Series[str]
    patient_id: Series[str] = pa.Field(description="as the hospital's table has it")
    other_patient_id: Series[str]
    kind: Series[str] = pa.Field(isin=("exact", "re-encoded", "brightness", "cropped", "near"))
    crop_similarity: Series[float] = pa.Field(description="correlation of the lesions' crops")
    frame_similarity: Series[float] = pa.Field(description="correlation of the whole images")
    hash_distance: Series[float] = pa.Field(
        ge=0, le=1, description="share of bits in which the hashes of the crops differ"
    )
    same_lesion: Series[bool] = pa.Field(description="and not two lesions in one image")
    across_patients: Series[bool]
    across_split: Series[bool] = pa.Field(
        description="a split that stood before images were compared: given, sealed or by site"
    )
    across_hospitals: Series[bool]
    labels_contradict: Series[bool] = pa.Field(description="of labels that may be known")
    action: Series[str] = pa.Field(
        isin=("grouped", "first left out", "second left out", "both left out", "flagged")
    )

    class Config:
        strict = True
        unique = ["lesion_id", "other_lesion_id"]


class RingColumns(pa.DataFrameModel):
    """What each column of the table of rings is; more columns say what they say of the lesion's."""

    feature: Index[str] = pa.Field(unique=True, check_name=True)
    feature_class: Series[str]
    image_type: Series[str]
    degenerate: Series[bool] = pa.Field(description="constant or rounding noise on one slice")
    ring: Series[int] = pa.Field(ge=1, description="counted from the outline outwards")
    inner: Series[float] = pa.Field(ge=0, description="distance from the outline, in the unit")
    outer: Series[float] = pa.Field(gt=0)
    unit: Series[str] = pa.Field(isin=("mm", "pixels", "diameter"))


class RingsInView(pa.DataFrameModel):
    """How much of each lesion's rings is in view, and which were measured."""

    lesion_id: Series[str]
    ring: Series[int] = pa.Field(ge=1)
    inner: Series[float] = pa.Field(ge=0)
    outer: Series[float] = pa.Field(gt=0)
    unit: Series[str] = pa.Field(isin=("mm", "pixels", "diameter"))
    pixels: Series[int] = pa.Field(ge=0, description="in view")
    in_view: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="share of its area; missing where no ring is known"
    )
    measured: Series[bool]

    class Config:
        strict = True
        unique = ["lesion_id", "ring"]


class OutlineScores(pa.DataFrameModel):
    """How far each outline of a machine, or of a second reader, agrees with the reader's."""

    lesion_id: Series[str]
    patient_id: Series[str]
    label: Series[int] = pa.Field(isin=(0, 1))
    cohort: Series[str] = pa.Field(isin=COHORTS)
    prompt: Series[str] = pa.Field(isin=("box", "click", "none"))
    method: Series[str] = pa.Field(isin=("network", "classical", "second reader"))
    network: Series[str] = pa.Field(description="which one drew it; empty where none did")
    outlined: Series[bool]
    dice: Series[float] = pa.Field(ge=0, le=1, description="0 without an outline")
    mean_distance: Series[float] = pa.Field(ge=0, nullable=True, description="in the unit")
    hausdorff_95: Series[float] = pa.Field(ge=0, nullable=True, description="in the unit")
    pixels: Series[int] = pa.Field(ge=0)
    reader_pixels: Series[int] = pa.Field(ge=1)
    unit: Series[str] = pa.Field(isin=("mm", "pixels"))

    class Config:
        strict = True
        unique = ["lesion_id", "prompt", "method"]


class OutlineFiles(pa.DataFrameModel):
    """What the file of each lesion's machine outline is called, whether there is one or not."""

    lesion_id: Series[str] = pa.Field(unique=True)
    file: Series[str] = pa.Field(unique=True)

    class Config:
        strict = True


class HabitatColumns(pa.DataFrameModel):
    """What each column of the table of habitats is."""

    feature: Index[str] = pa.Field(unique=True, check_name=True)
    feature_class: Series[str]
    image_type: Series[str]
    degenerate: Series[bool]
    habitat: Series[int] = pa.Field(ge=0, description="counted from 1; 0: of all of them")
    measure: Series[str] = pa.Field(
        isin=("share", "parts", "largest_part", "mean", "entropy", "borders")
    )

    class Config:
        strict = True


class HabitatClusters(pa.DataFrameModel):
    """The habitats that each fit found; more columns hold their centres by map."""

    context: Series[str] = pa.Field(description="all training lesions, or an outer fold left out")
    habitat: Series[int] = pa.Field(ge=1)
    pixels: Series[int] = pa.Field(ge=1, description="that were grouped")
    share: Series[float] = pa.Field(ge=0, le=1, description="of these pixels")
    criterion: Series[float] = pa.Field(
        nullable=True, description="of the number of habitats, where one was chosen"
    )

    class Config:
        unique = ["context", "habitat"]


class Predictions(pa.DataFrameModel):
    """Scores of every model on every lesion: the one source of all metrics and figures.

    `fold` is the cross-validation fold a training lesion was scored in, and -1 for
    scores of the model fitted on the whole training cohort. `repeat` counts the divisions into
    folds from 0: a cross-fitted training lesion has one row for each, with the score and the
    fold it had in it; all other scores have repeat 0.
    """

    lesion_id: Series[str]
    patient_id: Series[str]
    label: Series[int] = pa.Field(isin=(0, 1))
    model: Series[str] = pa.Field(description="as modeling.models declares it")
    protocol: Series[str] = pa.Field(isin=PROTOCOLS)
    cohort: Series[str] = pa.Field(isin=COHORTS)
    repeat: Series[int] = pa.Field(ge=0)
    fold: Series[int] = pa.Field(ge=-1)
    score: Series[float] = pa.Field(ge=0, le=1, description="probability of malignancy")

    class Config:
        strict = True
        unique = ["lesion_id", "model", "protocol", "cohort", "repeat"]


class SurvivalPredictions(pa.DataFrameModel):
    """Of a study of time to event: a row for each patient and model; further columns ``by_<time>``.

    `fold` is that of the first repeat, -1 of the model fitted on all training patients. A column
    ``by_<time>`` holds the probability of the event by that time.
    """

    patient_id: Series[str]
    model: Series[str] = pa.Field(description="as modeling.models declares it")
    cohort: Series[str] = pa.Field(isin=COHORTS)
    fold: Series[int] = pa.Field(ge=-1)
    time: Series[float] = pa.Field(gt=0, description="watched, in survival.unit")
    event: Series[bool] = pa.Field(description="whether the event happened at that time")
    risk: Series[float] = pa.Field(description="log hazard against the mean of training")

    class Config:
        unique = ["patient_id", "model"]


class ClassPredictions(pa.DataFrameModel):
    """Of a study of several classes: a row for each lesion, model, repeat and class.

    `repeat` and `fold` are as in :class:`Predictions`.
    """

    lesion_id: Series[str]
    patient_id: Series[str]
    truth: Series[str] = pa.Field(description="the lesion's class")
    model: Series[str] = pa.Field(description="as modeling.models declares it")
    cohort: Series[str] = pa.Field(isin=COHORTS)
    repeat: Series[int] = pa.Field(ge=0)
    fold: Series[int] = pa.Field(ge=-1)
    of_class: Series[str]
    score: Series[float] = pa.Field(
        ge=0, le=1, description="probability of the class against the others, by its own model"
    )
    probability: Series[float] = pa.Field(
        ge=0, le=1, description="the score over the sum of the lesion's scores of all classes"
    )

    class Config:
        strict = True
        unique = ["lesion_id", "model", "cohort", "repeat", "of_class"]
