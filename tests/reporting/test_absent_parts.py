"""No sentence of report, cards or plan speaks of what a study does not have."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from spl_kedro.modeling.evaluation.additions import Addition
from spl_kedro.modeling.signatures.declaration import (
    ModelSettings,
    SourceSettings,
    declared_additions,
    default_models,
    default_sources,
)
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.reporting import data_sheet, model_card, report_sections
from spl_kedro.schemas import clinical_columns

TABLES = (
    *("performance", "added_value", "roc_curves", "comparisons", "calibration", "decision_curves"),
    *("subgroups", "zone_scores", "clinical_use", "clinical_use_by_prevalence"),
    *("verification_bias", "reference_errors", "fairness", "optimism"),
)


def only(study, cohorts):
    """The study with lesions of these cohorts alone."""
    parts = {
        name: table[table["cohort"].isin(cohorts)]
        for name in ("cohort", *TABLES)
        if (table := getattr(study, name)) is not None
    }
    return replace(study, **parts, cohort_flow=None, table_one=None)


def without_clinical(study):
    """The study of a hospital that knows no clinical variable."""

    def unlike(table):
        left = table
        for column in {"model", "base", "model_a", "model_b"} & set(table.columns):
            left = left[~left[column].str.startswith("clinical") & (left[column] != "cdlr_before")]
        return left

    parts = {name: unlike(t) for name in TABLES if (t := getattr(study, name)) is not None}
    cohort = study.cohort.drop(columns=clinical_columns(study.cohort))
    return replace(
        study, **parts, cohort=cohort, table_one=None, odds_ratios=None, nomogram=None,
        additive_models=None, leaks=study.leaks,
    )  # fmt: skip


def words_of(study, settings, *, tables=True):
    """All sentences of the report, its captions and notes, and of the cards."""
    told = []
    for section in report_sections(study, settings):
        told += [section.title, *section.paragraphs]
        told += [f"{figure.caption} {figure.alt}" for figure in section.figures]
        told += [f"{table.caption} {table.note}" for table in section.tables if tables]
    told += [model_card(study, settings).markdown(), data_sheet(study, settings).markdown()]
    return "\n".join(told)


@pytest.mark.parametrize(
    ("cohorts", "absent"),
    [
        (["training", "validation"], r"external lesion|external cohort(?!:)|External:"),
        (["training"], r"[Vv]alidation lesion|external lesion|divided into cohorts|[Vv]alidation:"),
    ],
)
def test_cohorts_that_a_study_lacks_are_not_spoken_of(study, settings, cohorts, absent):
    found = words_of(only(study, cohorts), settings)
    spoken = [line for line in found.split("\n") if re.search(absent, line)]
    assert spoken == []
    # What is looked for is there where the study has it.
    assert re.search(r"Validation and external lesions were scored", words_of(study, settings))


def test_clinical_variables_that_a_study_lacks_are_not_spoken_of(study, settings):
    absent = (
        r"clinical variables of its patient|with the lesion's outline, and clinical variables|"
        r"clinical variables of this study are of one group|each clinical variable by itself|"
        r"to image and clinical features|\(logistic regression on clinical variables\)|five models|"
        r"to Clinical; of Clinical"
    )
    found = words_of(without_clinical(study), settings)
    assert [line for line in found.split("\n") if re.search(absent, line)] == []
    whole = words_of(study, settings)
    spoken = {match.group() for match in re.finditer(absent, whole)}
    assert len(spoken) >= 5, spoken


def test_figures_of_one_repeat_are_no_means_over_repeats(study, settings):
    def fitted(repeats):
        protocol = {"protocol": {"n_splits": 5, "n_repeats": repeats}}
        return replace(study, parameters={"modeling": protocol})

    assert "figures are means over the repeats" in words_of(fitted(3), settings)
    assert "figures are means over the repeats" not in words_of(fitted(1), settings)


def test_a_model_beside_the_publications_is_called_by_its_title_everywhere(study, settings):
    # Fault: the report printed cdlr_habitat.
    models = default_models() | {
        "rad_ring": ModelSettings(sources=("radiomics", "rings"), role="part", adds_to="rad"),
        "cdlr_more": ModelSettings(
            title="CDLR, second clinic", score="rad_ring", clinical=("known_before",), role="part"
        ),
    }
    sources = {**default_sources(), "rings": SourceSettings()}
    (added,) = declared_additions(models)
    assert added == Addition("rad", "rad_ring", "rings", ("Rad", "Rad with rings"))
    funnel = pd.DataFrame(
        {"model": ["rad_ring", "cdlr_more"], "step": "final", "remaining": [7, 5]}
    )
    run = replace(
        study,
        parameters={"modeling": SignatureSettings(sources=sources, models=models).model_dump()},
        selection_funnel=pd.concat([study.selection_funnel, funnel], ignore_index=True),
    )
    card = model_card(run, settings).markdown()
    assert "Rad with rings: 7 features." in card
    assert "CDLR, second clinic: 5 features." in card
    assert not re.search("rad_ring|cdlr_more", words_of(run, settings))
