"""Each negative control as a value: what it keeps, what it destroys, what a high AUC would mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: explanation: scores the label, and could explain the result; site: scores where a lesion comes
#: from; permuted: scores labels that mean nothing.
Kind = Literal["explanation", "site", "permuted"]


@dataclass(frozen=True)
class Control:
    """One negative control.

    Attributes
    ----------
    name : str
        In tables.
    title : str
        In figures and reports.
    keeps, destroys : str
        Of what the model sees.
    high : str
        What it would mean if the control did as well as the model.
    kind : {"explanation", "site", "permuted"}
    against : {"image", "full"}
        Whether the verdict compares it with the image model or with the full model.
    baseline : str or None
        The control that holds what this one cannot help keeping: only what it says beyond counts.
    altered : bool
        Whether the image model is fitted anew on features of changed images.
    """

    name: str
    title: str
    keeps: str
    destroys: str
    high: str
    kind: Kind = "explanation"
    against: Literal["image", "full"] = "image"
    baseline: str | None = None
    altered: bool = False


SIZE = Control(
    "size",
    "Lesion size alone",
    "the lesion's area",
    "form, grey values, surroundings",
    "The image model says no more than how large the lesion is.",
)
AGE_SIZE = Control(
    "age_size",
    "Age and size",
    "age and the lesion's area",
    "everything else",
    "The whole model says no more than the patient's age and the lesion's size.",
    against="full",
)
OUTLINE = Control(
    "outline",
    "Outline alone",
    "size and form of the outline",
    "grey values, surroundings",
    "The image model says no more than the outline that a reader drew.",
)
HISTOGRAM = Control(
    "histogram",
    "Histogram alone",
    "how often each grey value occurs in the lesion",
    "where it occurs; size and form",
    "Brightness and contrast say it all; gain and machine set them too.",
)
SHUFFLED = Control(
    "shuffled",
    "Pixels shuffled inside the outline",
    "outline, histogram, surroundings",
    "the order of the pixels inside",
    "The arrangement of the pixels, texture, adds nothing to outline and histogram.",
    altered=True,
)
BLANKED = Control(
    "blanked",
    "Lesion blanked, surroundings alone",
    "what lies round the lesion; the outline, as the hole's edge",
    "the lesion",
    "The surroundings, or what made the image, give the label away.",
    baseline="outline",
    altered=True,
)
MOVED = Control(
    "moved",
    "Outline moved to healthy tissue",
    "outline; patient, machine and settings",
    "the lesion",
    "Tissue that is healthy gives the label away: patient, machine or settings do.",
    baseline="outline",
    altered=True,
)
PERMUTED = Control(
    "permuted",
    "Labels permuted",
    "the images and the whole procedure",
    "any link between image and label",
    "The procedure finds what is not there: labels leak into it.",
    kind="permuted",
)
ACQUISITION = Control(
    "acquisition",
    "Acquisition alone",
    "site, scanner, file format, bit depth, image and pixel size, dates",
    "the image",
    "How the image was made gives the label away; a model can learn it from the image.",
    baseline="size",
)
SITE = Control(
    "site",
    "Features predict the site",
    "the features the image model sees",
    "the label: the site is asked for",
    "The features know the machine; where site and label go together, the model can use it.",
    kind="site",
)

#: In the order of tables and figures.
CONTROLS: tuple[Control, ...] = (
    SIZE, AGE_SIZE, OUTLINE, HISTOGRAM, SHUFFLED, BLANKED, MOVED, ACQUISITION, SITE, PERMUTED,
)  # fmt: skip
BY_NAME = {control.name: control for control in CONTROLS}
