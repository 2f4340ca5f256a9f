"""Parameters of the backbones pipeline."""

from pydantic import Field, model_validator

from spl_kedro.features.deep.candidates import Candidate
from spl_kedro.modeling.signatures.declaration import Kind
from spl_kedro.parameters import Settings


class BackbonesParameters(Settings):
    """Which frozen backbones and classifiers to compare."""

    candidates: tuple[Candidate, ...] = Field(
        (Candidate(architecture="efficientnet_lite0", weights="packaged", pooling="depths"),),
        min_length=1,
        description="backbones; the others are compared with the first whose weights are at hand",
    )
    classifiers: tuple[Kind, ...] = Field(
        ("linear_svm", "logistic"),
        min_length=1,
        description="classifiers at the end of the deep signature",
    )
    n_repeats: int = Field(3, ge=1, le=20, description="repeats of the cross-fitting")

    @model_validator(mode="after")
    def _each_once(self) -> "BackbonesParameters":
        for name, values in (("candidates", self.candidates), ("classifiers", self.classifiers)):
            twice = [value for i, value in enumerate(values) if value in values[:i]]
            if twice:
                raise ValueError(f"{name} names {twice[0]!r} twice")
        return self
