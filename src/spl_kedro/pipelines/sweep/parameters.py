"""Parameters of the sweep pipeline."""

from typing import get_args

from pydantic import Field

from spl_kedro.modeling.signatures.declaration import Kind
from spl_kedro.parameters import Settings
from spl_kedro.schemas import MODELS


class SweepParameters(Settings):
    """Which classifiers and signatures to compare."""

    classifiers: tuple[Kind, ...] = Field(
        get_args(Kind),
        min_length=1,
        description="classifiers at the end of the image signatures and of the fusion",
    )
    models: tuple[str, ...] = Field(
        MODELS[1:], min_length=1, description="signatures to run with each classifier"
    )
    tune: bool = Field(False, description="tune each classifier by inner cross-validated AUC")
    n_repeats: int = Field(1, ge=1, le=20, description="repeats of the cross-fitting")
