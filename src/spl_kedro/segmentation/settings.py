"""Typed settings of assisted outlining: the prompt, the two ways, and what is written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings

Kind = Literal["box", "click"]
Method = Literal["network", "classical"]


class PromptSettings(Settings):
    """How a person is imitated who points at a lesion."""

    kinds: tuple[Kind, ...] = Field(
        ("box", "click"),
        min_length=1,
        description="prompts that are tried; outlines by the first of them are written",
    )
    margin: float = Field(
        0.1, ge=0, le=1, description="border of a box around the outline, of the box's own sides"
    )
    jitter: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="most by which each edge of a box is drawn too far in or out, of the side",
    )
    depth: float = Field(
        0.5,
        ge=0,
        lt=1,
        description="least depth of a click inside the outline, of that of the deepest place",
    )

    @model_validator(mode="after")
    def _each_once(self) -> PromptSettings:
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"kinds names a prompt twice: {', '.join(self.kinds)}")
        return self


class ViewSettings(Settings):
    """The square around a prompt that both ways see."""

    border: float = Field(
        0.25, ge=0, le=2, description="around a box, of its longer side, on each end"
    )
    reach: float = Field(
        0.7,
        gt=0,
        le=2,
        description="side of the square around a click, of the image's shorter side",
    )


class ClassicalSettings(Settings):
    """The random walker (Grady, IEEE Trans Pattern Anal Mach Intell 2006;28:1768)."""

    size: int = Field(96, ge=32, le=512, description="side of the square, pixels")
    smoothing: float = Field(
        2.0, ge=0, le=20, description="standard deviation of the smoothing of speckle, pixels"
    )
    beta: float = Field(
        130.0, gt=0, le=1e5, description="how much a step in grey values holds a walker up"
    )
    core: float = Field(
        0.4,
        gt=0,
        lt=1,
        description="ellipse that is surely lesion, of the box's sides; of a click a disc of a "
        "tenth of it, of the square's side",
    )


class NetworkSettings(Settings):
    """A small U-Net (Ronneberger, MICCAI 2015) and its training."""

    size: int = Field(128, ge=32, le=512, description="side of the square, pixels")
    width: int = Field(8, ge=2, le=64, description="maps of the first layer; deeper ones have more")
    folds: int = Field(3, ge=2, le=20, description="networks for cross-fitting")
    views: int = Field(2, ge=1, le=16, description="prompts drawn anew of each lesion, in turn")
    epochs: int = Field(12, ge=1, le=1000, description="passes over the training lesions")
    batch_size: int = Field(16, ge=2, le=1024, description="lesions per step")
    learning_rate: float = Field(0.01, gt=0, le=1, description="highest learning rate")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: a GPU when present")
    threads: int = Field(1, ge=1, le=256, description="CPU threads; part of the result's identity")

    @model_validator(mode="after")
    def _halved_four_times(self) -> NetworkSettings:
        if self.size % 16:
            raise ValueError(f"size is halved four times: {self.size} is no multiple of 16")
        return self


class AssistedOutlinesParameters(Settings):
    """All of `params:assisted_outlines`."""

    seed: int = Field(0, ge=0, description="seed of prompts, folds, weights and order")
    written: Method = Field("network", description="whose outlines are written as files")
    prompt: PromptSettings = PromptSettings()
    view: ViewSettings = ViewSettings()
    classical: ClassicalSettings = ClassicalSettings()
    network: NetworkSettings = NetworkSettings()
    n_bootstrap: int = Field(
        2000, ge=100, le=100_000, description="resamples of patients behind an interval"
    )
    confidence: float = Field(0.95, gt=0.5, lt=1, description="coverage of intervals")
    cache: str | None = Field(
        None, description="folder in which finished networks are kept; null: none is"
    )
