"""Every choice behind the explanations, typed, with its range and meaning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings

Cohort = Literal["training", "validation", "external"]
Model = Literal["clinical", "rad", "dtl", "dlr", "cdlr"]


class ShapSettings(Settings):
    """How Shapley values are computed and shown."""

    background: int = Field(100, ge=1, le=2000, description="training lesions compared with")
    exact_up_to: int = Field(
        9, ge=1, le=14, description="features up to which all coalitions are scored"
    )
    permutations: int = Field(
        10, ge=1, le=1000, description="feature orders (each walked both ways) beyond that"
    )
    cohorts: tuple[Cohort, ...] = Field(
        ("training", "validation", "external"),
        min_length=1,
        description="whose lesions are explained; training lesions by models that left them out",
    )
    lesions: int = Field(
        1000, ge=10, description="lesions explained; of more, a sample with their share of cohorts"
    )
    top: int = Field(15, ge=1, le=100, description="features in beeswarm and bar")
    dependence: int = Field(6, ge=1, le=30, description="features in the dependence figure")
    waterfall: int = Field(9, ge=1, le=30, description="features named in a waterfall")


class GradCamSettings(Settings):
    """How the network's evidence is mapped and measured."""

    method: Literal["gradcam", "gradcam++", "guided"] = Field("gradcam", description="kind of map")
    layer: str = Field(
        "auto",
        min_length=1,
        description="block mapped; auto: the deepest with a grid of min_grid or more",
    )
    min_grid: int = Field(7, ge=1, le=64, description="cells along an edge that auto asks for")
    decided_by: Model = Field(
        "cdlr", description="model whose decision sorts lesions and names the class mapped"
    )
    cohorts: tuple[Cohort, ...] = Field(
        ("validation", "external"), min_length=1, description="whose lesions are mapped"
    )
    lesions: int = Field(
        500, ge=10, description="lesions mapped; of more, a sample with their share of cohorts"
    )
    per_outcome: int = Field(4, ge=1, le=12, description="lesions per row of the panel")
    rim_mm: float = Field(5.0, gt=0, le=50, description="rim around the lesion, millimetres")
    rim_fraction: float = Field(
        0.25, gt=0, le=2, description="rim where spacing is unknown, of the lesion's diameter"
    )


class SanitySettings(Settings):
    """How hard the explanations are tested."""

    lesions: int = Field(24, ge=2, le=500, description="lesions whose maps are tested")
    head_lesions: int = Field(
        160, ge=20, le=5000, description="training lesions that true and shuffled heads learn from"
    )
    shuffles: int = Field(2, ge=1, le=50, description="times the labels are shuffled")
    top: int = Field(10, ge=1, le=100, description="features compared in the top-k overlap")


class ConformalSettings(Settings):
    """Uncertainty of a single patient's diagnosis."""

    alpha: float = Field(0.1, gt=0, lt=0.5, description="accepted share of misses per diagnosis")
    model: Model = Field("cdlr", description="model whose score is used")


class ExplainabilitySettings(Settings):
    """The explanation of a study (``params:explainability``)."""

    seed: int = Field(0, ge=0, description="seed of background, orders, shuffles, random weights")
    n_jobs: int = Field(2, ge=1, le=256, description="processes for refits; no effect on results")
    threads: int = Field(2, ge=1, le=256, description="threads of the network")
    shap: ShapSettings = ShapSettings()
    gradcam: GradCamSettings = GradCamSettings()
    sanity: SanitySettings = SanitySettings()
    conformal: ConformalSettings = ConformalSettings()
