"""What a study may choose about the learners beside its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spl_kedro.parameters import Settings

#: Learners by the names of their classifiers, and the one that chooses among them inside each fit.
Learner = Literal[
    "linear_svm", "logistic", "hist_gradient_boosting", "random_forest", "radial_svm",
    "gradient_boosting", "knn", "mlp", "tabicl", "best_inside",
]  # fmt: skip
LEARNERS: tuple[Learner, ...] = (
    *("linear_svm", "logistic", "hist_gradient_boosting", "random_forest", "tabicl"),
    "best_inside",
)


class TabiclSettings(Settings):
    """TabICL, a network that was trained on made-up tables and reads this one at a glance."""

    weights: str | None = Field(
        None, min_length=1, description="file of its weights; null, or no such file: it is not run"
    )
    estimators: int = Field(
        8, ge=1, le=64, description="views of the table (columns shuffled) it averages over"
    )


class LearnerParameters(Settings):
    """Which learners stand beside which model of the study, and what they are given."""

    learners: tuple[Learner, ...] = Field(
        LEARNERS,
        min_length=1,
        description="learners, each with its own small grid; best_inside chooses one of them in "
        "every fit anew",
    )
    beside: str = Field(
        "cdlr",
        min_length=1,
        description="model with which they are compared, and whose sources and clinical variables "
        "they get",
    )
    inputs: Literal["selected", "repeatable"] = Field(
        "selected",
        description="image features they get: those that the study's selection keeps in each fit, "
        "or all that are repeatable and vary; clinical variables always all",
    )
    tabicl: TabiclSettings = Field(TabiclSettings(), description="the network of tables")
