"""What a study may choose about its report."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.parameters import Settings


class ReportSettings(Settings):
    """Choices of the study report; the defaults suit a manuscript's supplement."""

    title: str = Field(
        "Ultrasound-based deep learning radiomics of subpleural pulmonary lesions",
        min_length=1,
        max_length=200,
        description="heading of the report",
    )
    authors: tuple[str, ...] = Field((), description="names printed under the title")
    contact: str = Field("", max_length=200, description="contact printed in the model card")
    intended_use: str = Field(
        "Research only, no medical device: to estimate for an adult with a subpleural pulmonary "
        "lesion, outlined on B-mode ultrasound by a clinician who weighs a biopsy, how probable "
        "malignancy is, and never to decide alone.",
        min_length=1,
        description="who uses the models for which decision about whom, in one sentence",
    )
    data_source: str = Field(
        "", description="where the data come from; empty: listed as an open item"
    )
    reference_standard: str = Field(
        "", description="how the diagnosis was established; empty: listed as an open item"
    )
    ethics: str = Field("", description="approval and consent; empty: listed as an open item")
    max_findings: int = Field(
        50, ge=0, le=10_000, description="findings listed one by one in the report"
    )
    max_features: int = Field(
        30, ge=1, le=1000, description="features listed per model in the feature tables"
    )
    lesions_per_feature: float = Field(
        10,
        gt=0,
        le=1000,
        description="training lesions per selected feature from which the number of features "
        "counts as suiting the size of the data (METRICS item 16)",
    )
    figure_dpi: int = Field(300, ge=72, le=1200, description="resolution of the exported PNGs")
