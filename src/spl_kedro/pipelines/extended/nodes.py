"""Steps that join what additions made to what the study reads."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

FurtherFeatures = Mapping[str, Mapping[str, pd.DataFrame]]


def read_sources(
    further_features: FurtherFeatures, *made: Mapping[str, pd.DataFrame]
) -> FurtherFeatures:
    """Return the tables that the catalog names as further features, once additions made theirs.

    The tables made are inputs for the order alone: Kedro reads a step's inputs when it comes to
    it, and the environment's ``further_features`` says under which file each is read.
    """
    return further_features


def join_findings(*stages: pd.DataFrame) -> pd.DataFrame:
    """Return what radiomics and the additions found about cases."""
    from spl_kedro.cohort.findings import join_findings

    return join_findings(*stages)
