"""What the examination starts from: the fitted study, its lesions, and how they were measured."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import FeatureCache, RadiomicsParameters
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.sceptic.outlines.changes import (
    ORIGINAL,
    SECOND_READER,
    SPACING,
    Change,
    ChangedLesion,
    LesionLoader,
    RedrawnLesion,
    decide_changes,
    is_drawn,
)
from spl_kedro.sceptic.outlines.settings import KINDS, OutlineSettings
from spl_kedro.store import ContentStore

logger = logging.getLogger(__name__)

#: Sources that can be measured anew under another outline.
MEASURABLE = ("radiomics", "deep")


@dataclass(frozen=True)
class OutlineInputs:
    """A fitted study and what its lesions are measured anew with.

    Attributes
    ----------
    table : StudyTable
    fitted : FittedStudy
        Of the leak-free protocol, fitted on this table.
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    lesions, reader2 : mapping of str to callable
        Readers of the lesions with the first and the second reader's outlines.
    others : mapping of str to mapping of str to callable
        Readers of outlines (`spl_kedro.imaging.Outline`) by further hand and lesion.
    radiomics : RadiomicsParameters
    deep : DeepSettings
    settings : OutlineSettings
    networks : mapping of str to state dict
        Those that embed lesions which no network has seen.
    axes : mapping of str to Axes
        From :func:`spl_kedro.features.deep.unseen_axes`.
    cache : FeatureCache or None
        Where radiomics are kept and looked up.
    store : ContentStore
        Where embeddings are kept until all are there.
    """

    table: StudyTable
    fitted: FittedStudy
    cohort: pd.DataFrame
    lesions: Mapping[str, LesionLoader]
    reader2: Mapping[str, LesionLoader]
    radiomics: RadiomicsParameters
    deep: DeepSettings
    settings: OutlineSettings
    others: Mapping[str, Mapping[str, Callable[[], Any]]] = field(default_factory=dict)
    networks: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, Any] = field(default_factory=dict)
    cache: FeatureCache | None = None
    store: ContentStore = field(default_factory=lambda: ContentStore(None))

    @cached_property
    def models(self) -> list[str]:
        """The models that are asked.

        Raises
        ------
        UnusableStudyError
            If one is named that the study did not fit, that reads no image, or whose sources cannot
            be measured anew; if none is left.
        """
        asked = self.settings.models
        if asked is not None:
            for name in asked:
                self._refuse(name)
            return [name for name in self.fitted.models if name in asked]
        found = [name for name in self.fitted.names("main") if self._why_not(name) is None]
        if not found:
            raise UnusableStudyError(
                "a model whose features can be measured under another outline",
                f"the study's main models are {', '.join(self.fitted.names('main')) or 'none'}; "
                f"sources that can be measured anew are {', '.join(MEASURABLE)}.",
                "Name models of these sources in outline_robustness.models.",
            )
        return found

    def _refuse(self, name: str) -> None:
        why = self._why_not(name)
        if why is not None:
            raise UnusableStudyError(
                "models whose features can be measured under another outline",
                f"outline_robustness.models names '{name}', which {why}.",
                "Correct the name, or leave it out.",
            )

    def _why_not(self, name: str) -> str | None:
        if name not in self.fitted.models:
            return f"the study did not fit (it fitted {', '.join(self.fitted.models)})"
        sources = self.fitted.sources_of(name)
        other = [source for source in sources if source not in MEASURABLE]
        if other:
            return f"reads {', '.join(other)}, which is not measured here"
        return None if sources else "reads no image"

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of these models."""
        wanted = {source for name in self.models for source in self.fitted.sources_of(name)}
        return tuple(source for source in MEASURABLE if source in wanted)

    def reads_deep(self, model: str) -> bool:
        """Return whether a model reads deep features."""
        return "deep" in self.fitted.sources_of(model)

    @cached_property
    def changes(self) -> list[Change]:
        """Every outline that is looked at: the original, those made of it, those of other hands.

        Raises
        ------
        UnusableStudyError
            If a hand is called as something else is.
        """
        made = decide_changes(self.cohort, self.settings)
        taken = {ORIGINAL, SECOND_READER, *KINDS}.intersection(self.others)
        if taken:
            raise UnusableStudyError(
                "a name of its own for each hand that drew outlines",
                f"other_outlines calls one '{min(taken)}'.",
                "Give it another name in the catalog.",
            )
        hands = (SECOND_READER, *self.others)
        return [*made, *(Change(name, float("nan"), made[0].unit) for name in hands)]

    @cached_property
    def examined(self) -> list[str]:
        """Ids of the lesions looked at, sorted: the study's, or those of a sample of patients."""
        names = sorted(name for name in self.table.X.index if name in self.lesions)
        if self.changes[0].unit == "mm":
            known = self.cohort.loc[names, SPACING].notna().all(axis=1)
            if not known.all():
                logger.warning(
                    "%d lesions without a pixel size are not examined: sizes are in millimetres.",
                    int((~known).sum()),
                )
            names = list(known.index[known])
        most = self.settings.lesions
        if len(names) <= most:
            return names
        patients = self.cohort.loc[names, "patient_id"]
        rng = np.random.default_rng(self.settings.seed)
        drawn = rng.permutation(sorted(patients.unique()))
        # Whole patients, whose images are evaluated together.
        images = patients.value_counts()[drawn].cumsum()
        chosen = patients.isin(images.index[images <= most])
        logger.info(
            "A random sample of patients is examined: %d of %d lesions.", chosen.sum(), len(names)
        )
        return sorted(patients.index[chosen])

    def outlined(self, change: Change) -> dict[str, Callable]:
        """Return readers of the examined lesions under a change, of those that have it."""
        if change.kind == ORIGINAL:
            return {name: self.lesions[name] for name in self.examined}
        if change.kind == SECOND_READER:
            return {name: self.reader2[name] for name in self.examined if name in self.reader2}
        if is_drawn(change.kind):
            own = self.others[change.kind]
            both = (name for name in self.examined if name in own)
            return {name: RedrawnLesion(self.lesions[name], own[name]) for name in both}
        seed = self.settings.seed
        return {
            name: ChangedLesion(self.lesions[name], name, change, seed) for name in self.examined
        }
