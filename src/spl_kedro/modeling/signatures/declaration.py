"""What a study declares: its sources of features, its models, the rules of its protocols."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.evaluation.model_names import MODEL_NAMES
from spl_kedro.parameters import Settings
from spl_kedro.schemas import MODELS

Kind = Literal[
    "linear_svm", "logistic", "radial_svm", "nystroem_svm", "random_forest", "gradient_boosting",
    "knn", "mlp",
]  # fmt: skip
#: Clinical variables known before the image is read, and those a reader takes from it.
ClinicalGroup = Literal["known_before", "read_from_image"]
Role = Literal["main", "part"]
BOTH_GROUPS: tuple[ClinicalGroup, ...] = ("known_before", "read_from_image")


class SourceSettings(Settings):
    """A source of image features: a table with one row per lesion."""

    description: str = Field("", description="what the features are, for people")
    components: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="principal components that stand for them, fitted inside every fit; null: "
        "none, and for the deep source deep_features.components",
    )
    missing: Literal["refused", "median"] = Field(
        "refused",
        description="what a missing value is: refused; or median, of the lesions of each fit",
    )


class ModelSettings(Settings):
    """One model of the study: of image features, of clinical variables, or a fusion of both."""

    title: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="its name for readers; null: made from adds_to and what it adds, else from its "
        "key; the publication's models have theirs",
    )
    sources: tuple[str, ...] = Field((), description="sources whose features it selects among")
    score: str | None = Field(
        None, description="image model whose score it fuses with the clinical features"
    )
    clinical: tuple[ClinicalGroup, ...] = Field(
        (), description="groups of clinical variables it may use"
    )
    role: Role = Field(
        "main", description="main: compared and explained; part: shows what each part adds"
    )
    adds_to: str | None = Field(
        None, description="model without what it adds, with which it is compared; null: none"
    )

    @model_validator(mode="after")
    def _of_one_kind(self) -> ModelSettings:
        if self.sources and (self.score or self.clinical):
            raise ValueError(
                "a model with sources takes neither a score nor clinical groups: declare a second "
                "model with its score and the groups"
            )
        if self.score and not self.clinical:
            raise ValueError("a model with a score needs clinical groups to fuse it with")
        if not (self.sources or self.score or self.clinical):
            raise ValueError("a model needs sources, clinical groups, or a score and groups")
        return self


class ClassifierRule(Settings):
    """A classifier that a protocol uses instead of the study's, in signatures and fusion."""

    kind: Kind = Field("radial_svm", description="which classifier")
    C: float = Field(1.0, gt=0, le=1e4, description="inverse penalty, where not tuned")
    tune: bool = Field(False, description="choose the penalty inside the fold")


class ProtocolRules(Settings):
    """What one protocol does with the study's models, and what it lets them see."""

    name: str = Field(min_length=1, description="its name in predictions and tables")
    cross_fitted: bool = Field(
        True,
        description="training scores, those the fusion learns from included, are by models that "
        "left the lesion out; false: in-sample",
    )
    cross_fitted_networks: bool = Field(
        True, description="deep features of a lesion are by networks that did not train on it"
    )
    filters_see: tuple[Literal["training", "validation"], ...] = Field(
        ("training",),
        min_length=1,
        description="cohorts whose lesions and labels the filters before the LASSO see; training "
        "alone: inside every fit",
    )
    degenerate_features: bool = Field(
        False, description="let features take part that hold rounding noise by construction"
    )
    harmonise: bool = Field(True, description="apply the study's harmonisation")
    roles: tuple[Role, ...] = Field(
        ("main", "part"), min_length=1, description="which of the study's models it fits"
    )
    classifier: ClassifierRule | None = Field(
        None, description="classifier in place of the study's; null: the study's"
    )

    @model_validator(mode="after")
    def _training_first(self) -> ProtocolRules:
        if "training" not in self.filters_see:
            raise ValueError("filters_see must name training: the models are fitted on it")
        if self.cross_fitted and self.filters_see != ("training",):
            raise ValueError(
                "filters that see validation lesions cannot be cross-fitted: set cross_fitted to "
                "false, or filters_see to [training]"
            )
        return self


def default_sources() -> dict[str, SourceSettings]:
    """Return the publication's two sources."""
    return {
        "radiomics": SourceSettings(description="radiomics features of the outlined lesion"),
        "deep": SourceSettings(description="deep features of the lesion's crop"),
    }


def default_models() -> dict[str, ModelSettings]:
    """Return the publication's five models, and those that show what each part adds."""
    before: tuple[ClinicalGroup, ...] = ("known_before",)
    return {
        "clinical": ModelSettings(clinical=BOTH_GROUPS),
        "rad": ModelSettings(sources=("radiomics",)),
        "dtl": ModelSettings(sources=("deep",)),
        "dlr": ModelSettings(sources=("radiomics", "deep")),
        "cdlr": ModelSettings(score="dlr", clinical=BOTH_GROUPS),
        "clinical_rad": ModelSettings(score="rad", clinical=BOTH_GROUPS, role="part"),
        "clinical_dtl": ModelSettings(score="dtl", clinical=BOTH_GROUPS, role="part"),
        "clinical_before": ModelSettings(clinical=before, role="part"),
        "cdlr_before": ModelSettings(score="dlr", clinical=before, role="part"),
    }


def default_protocols() -> dict[str, ProtocolRules]:
    """Return the result's protocol, the in-sample recipe, and the recipe with radial machines."""
    in_sample = ProtocolRules(
        name="as_published",
        cross_fitted=False,
        cross_fitted_networks=False,
        filters_see=("training", "validation"),
        degenerate_features=True,
        harmonise=False,
        roles=("main",),
    )
    radial = in_sample.model_copy(
        update={"name": "as_published_radial", "classifier": ClassifierRule()}
    )
    rules = (ProtocolRules(name="leak_free"), in_sample, radial)
    return {rule.name: rule for rule in rules}


def check_models(models: dict[str, ModelSettings], sources: Iterable[str]) -> None:
    """Raise if declared models do not fit together or with the sources.

    Raises
    ------
    ValueError
        Naming the model, what is wrong with it and what there is.
    """
    missing = [name for name in MODELS if name not in models]
    if missing:
        raise ValueError(
            f"models: {missing[0]} is missing; the publication's five ({', '.join(MODELS)}) may be "
            "declared otherwise, not left out"
        )
    known = list(sources)
    _refuse_titles(models)
    for name, model in models.items():
        for source in model.sources:
            if source not in known:
                raise ValueError(
                    f"models.{name}.sources names '{source}'; declared sources are "
                    f"{', '.join(known)}"
                )
        images = [other for other in models if models[other].sources]
        if model.score is not None and model.score not in images:
            raise ValueError(
                f"models.{name}.score names '{model.score}'; models with sources are "
                f"{', '.join(images)}"
            )
        others = [other for other in models if other != name]
        if model.adds_to is not None and model.adds_to not in others:
            raise ValueError(
                f"models.{name}.adds_to names '{model.adds_to}'; other models are "
                f"{', '.join(others)}"
            )


def _refuse_titles(models: dict[str, ModelSettings]) -> None:
    """Raise if a title renames a model of the publication, or if two models share one."""
    taken = {str(name).casefold(): key for key, name in MODEL_NAMES.items()}
    for name, model in models.items():
        if model.title is None:
            continue
        if name in MODEL_NAMES:
            raise ValueError(
                f"models.{name}.title is '{model.title}'; the publication's models keep their "
                f"names, here {MODEL_NAMES[name]}: leave it out"
            )
        other = taken.setdefault(model.title.casefold(), name)
        if other != name:
            raise ValueError(
                f"models.{name}.title is '{model.title}', which {other} is called too: give each "
                "model a name of its own"
            )


def declared_additions(models: Mapping[str, ModelSettings]) -> tuple[Addition, ...]:
    """Return the models that are compared with one without what they add, in their order."""
    titles = model_titles(models)
    return tuple(
        Addition(
            model.adds_to,
            name,
            _difference(models, name, model.adds_to),
            (titles[model.adds_to], titles[name]),
        )
        for name, model in models.items()
        if model.adds_to is not None
    )


def model_titles(models: Mapping[str, ModelSettings]) -> dict[str, str]:
    """Return what each declared model is called for readers, by its key.

    Parameters
    ----------
    models : mapping of str to ModelSettings
        Those that a model adds to may be missing.

    Returns
    -------
    dict of str to str
        The publication's names; of any other model its title, or one made from the model it adds
        to and what it adds, or one made from its key. No two are alike.

    Examples
    --------
    >>> more = ModelSettings(sources=("radiomics", "rings"), adds_to="rad")
    >>> model_titles({**default_models(), "rad_more": more})["rad_more"]
    'Rad with rings'
    """
    titles = {name: _title(models, name) for name in models}
    counts = Counter(titles.values())
    return {
        name: title if counts[title] == 1 else f"{title} ({name.replace('_', ' ')})"
        for name, title in titles.items()
    }


def titled(table: pd.DataFrame, models: Mapping[str, ModelSettings]) -> pd.DataFrame:
    """Return a table to be shown, in which models beside the publication's have their titles.

    Parameters
    ----------
    table : DataFrame
        With models in any of the columns model, model_a, model_b and base.
    models : mapping of str to ModelSettings
        As declared.
    """
    titles = {key: title for key, title in model_titles(models).items() if key not in MODEL_NAMES}
    columns = [name for name in ("model", "model_a", "model_b", "base") if name in table]
    named = {name: [titles.get(key, key) for key in table[name]] for name in columns}
    return table.assign(
        **{name: pd.Series(v, table.index, dtype="str") for name, v in named.items()}
    )


def _title(models: Mapping[str, ModelSettings], name: str) -> str:
    model = models[name]
    if model.title is not None:
        return model.title
    if name in MODEL_NAMES or model.adds_to is None or model.adds_to not in models:
        return str(MODEL_NAMES[name])
    base = models[model.adds_to].title or MODEL_NAMES[model.adds_to]
    return f"{base} with {_difference(models, name, model.adds_to)}"


def _difference(models: Mapping[str, ModelSettings], name: str, base: str) -> str:
    """Say which sources and clinical groups a model has that another one lacks."""
    own, without = _parts(models, name), _parts(models, base)
    more = [part for part in own if part not in without]
    return ", ".join(part.replace("_", " ") for part in more) or name.replace("_", " ")


def _parts(models: Mapping[str, ModelSettings], name: str) -> tuple[str, ...]:
    model = models[name]
    image = models[model.score].sources if model.score else model.sources
    return (*image, *model.clinical)
