from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.drawing import Rendering
from spl_kedro.reporting import ReportSettings
from spl_kedro.reporting.sections.sceptic import sceptic_sections
from spl_kedro.reporting.sections.stability import stability_sections
from spl_kedro.sceptic.stability.measures import (
    cell_table,
    curve_table,
    lesion_table,
    summary_table,
)
from spl_kedro.sceptic.stability.sums import refit_names
from spl_kedro.schemas import MODELS


@pytest.fixture(scope="module")
def examined():
    """Return what 12 refits say of 60 lesions: CDLR's differ least."""
    rng = np.random.default_rng(0)
    label = pd.Series(np.arange(60) % 2, index=[f"L{i}" for i in range(60)])
    parts = []
    for spread, model in enumerate(reversed(MODELS), start=1):
        original = np.clip(0.3 + 0.4 * label + rng.normal(0, 0.15, 60), 0.02, 0.98)
        refits = original.to_numpy()[:, None] + rng.normal(0, 0.03 * spread, (60, 12))
        told = pd.DataFrame({"model": model, "lesion_id": label.index, "original": original})
        values = pd.DataFrame(np.clip(refits, 0.01, 0.99), label.index, refit_names(12))
        parts.append(pd.concat([told, values], axis=1))
    scores = pd.concat(parts, ignore_index=True)
    draws = pd.DataFrame(rng.poisson(1, (60, 12)), columns=refit_names(12))
    thresholds = pd.DataFrame({"model": MODELS, "threshold": 0.5})
    lesions = lesion_table(scores, draws.assign(lesion_id=label.index), thresholds)
    return {
        "instability": lesions,
        "instability_summary": summary_table(lesions),
        "instability_cells": cell_table(scores),
        "instability_curves": curve_table(scores, label),
    }


@pytest.fixture
def section(study, examined):
    (found,) = stability_sections(replace(study, sceptic=examined), ReportSettings())
    return found


def test_the_part_stands_below_the_sceptics_section(study, examined):
    found = sceptic_sections(replace(study, sceptic=examined), ReportSettings())
    assert [section.level for section in found][:2] == [2, 3]
    assert found[1].title == "Stability for one patient"


def test_without_refits_there_is_no_part(study, examined):
    assert stability_sections(study, ReportSettings()) == []
    some = {name: own for name, own in examined.items() if name != "instability_cells"}
    assert stability_sections(replace(study, sceptic=some), ReportSettings()) == []


def test_words_and_table_hold_the_means_of_the_lesions(section, examined):
    lesions = examined["instability"]
    own = lesions[lesions["model"] == "cdlr"]
    text = " ".join(section.paragraphs)
    assert "12 bootstrap samples were drawn" in text
    assert f"by {own['error'].mean():.3f} on average" in text
    (table,) = section.tables
    assert list(table.frame["Model"]) == ["CDLR", "DLR", "DTL", "Rad", "Clinical"]
    assert table.frame["Mean absolute prediction error"][0] == f"{own['error'].mean():.3f}"
    assert "12 refits, 60 training lesions" in table.caption


@pytest.mark.parametrize(("blocks", "words"), [(0, "is frozen"), ("all", "not trained again")])
def test_it_is_said_whether_networks_were_trained_again(study, examined, blocks, words):
    told = replace(
        study, sceptic=examined, parameters={"deep_features": {"trained_blocks": blocks}}
    )
    (section,) = stability_sections(told, ReportSettings())
    assert words in section.paragraphs[0]


def test_every_figure_has_a_panel_for_each_model_and_says_simulated(section, study):
    assert study.simulated
    for figure in section.figures:
        (drawing,) = figure.panels.values()
        svg = drawing.files(Rendering(figure.key, 60, vector=True)).svg
        assert all(f">{name}</text>" in svg for name in ("Clinical", "Rad", "DTL", "DLR", "CDLR"))
        assert "Simulated patients" in svg
        assert "12 refits" in svg
