"""Which sections of additions the report takes, and what it says of those that know too little."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from spl_kedro.provenance import cohort_checksum
from spl_kedro.reporting.parts import AddedSections, Section

log = logging.getLogger(__name__)

TOLD_WHILE_SEALED = (
    "Of training lesions alone: this section was written while the other lesions were sealed, and "
    "knows nothing of those opened since. Run the pipeline {name} and then reporting again."
)


def sections_told(
    added: Mapping[str, AddedSections | None], cohort: pd.DataFrame, development: str
) -> list[Section]:
    """Return the sections that belong to a study, in their order.

    Parameters
    ----------
    added : mapping of str to AddedSections or None
        By the pipeline that wrote them; None of one that has not run.
    cohort : DataFrame
        ``schemas.Cohort``: with more than the training lesions once validation is unsealed.
    development : str
        ``provenance.development_key`` of the models.

    Returns
    -------
    list of Section
        Those of other models or another cohort are left out, with a line in the log. Those written
        while all but the training lesions were sealed say so, where more are open now.
    """
    whole = cohort_checksum(cohort)
    training = cohort_checksum(cohort[cohort["cohort"] == "training"])
    sections: list[Section] = []
    for name, one in added.items():
        if one is None:
            continue
        ours, of_cohort = one.of in (development, whole, training), one.cohort or one.of
        if ours and of_cohort in (development, whole):
            sections += one.sections
        elif ours and of_cohort == training:
            told = TOLD_WHILE_SEALED.format(name=name)
            log.warning("%s: %s", name, told)
            sections += [replace(s, paragraphs=(told, *s.paragraphs)) for s in one.sections]
        else:
            log.warning(
                "What %s wrote belongs to other models or another cohort and is left out of the "
                "report. Run it and then reporting again.",
                name,
            )
    return sections
