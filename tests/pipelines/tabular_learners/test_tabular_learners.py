"""The steps of the learners, and the study that they extend."""

from kedro.config import OmegaConfigLoader
from tests.modeling.signatures.conftest import make_inputs, quick_settings
from tests.projects import ROOT

from spl_kedro.learners.settings import LearnerParameters
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.pipelines import cdlr, extended
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.tabular_learners.nodes import fit_learners, judge_learners, write_section
from spl_kedro.provenance import development_key
from spl_kedro.reporting import ReportSettings, StudyResults, report_sections
from spl_kedro.settings import CONFIG_LOADER_ARGS


def test_the_steps_lead_from_the_study_to_a_part_of_its_report():
    cohort, tables = make_inputs()
    table, settings = assemble_study_table(cohort, tables), quick_settings()
    own = run_protocol(table, settings, only=["cdlr"]).predictions
    modeling = ModelingParameters(**settings.model_dump(), evaluation={"n_bootstrap": 100})
    asked = LearnerParameters(learners=("logistic", "tabicl"))
    scores, choices, not_run = fit_learners(table, modeling, asked)
    performance, drawing = judge_learners(scores, not_run, own, cohort, modeling, asked)
    told = write_section(performance, choices, own, cohort, asked)
    assert told.of == development_key(own)
    assert drawing.figure().axes
    with_it = report_sections(
        StudyResults(cohort, further_sections=told.sections), ReportSettings()
    )
    without = report_sections(StudyResults(cohort), ReportSettings())
    keys = [part.key for part in with_it]
    assert "tabular-learners" in keys
    assert [key for key in keys if key != "tabular-learners"] == [part.key for part in without]


def test_learners_come_after_modeling_and_before_the_report_of_an_extended_study_alone():
    assert "tabular_learners_scores" not in cdlr.create_pipeline().all_outputs()
    steps = extended.create_pipeline()
    names = [node.name for node in steps.nodes]
    place = {name: position for position, name in enumerate(names)}
    assert (
        place["modeling.collect_predictions"]
        < place["tabular_learners.write_learners_section"]
        < place["reporting.gather_results"]
    )


def test_the_stated_parameters_are_the_defaults():
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    stated = loader["parameters"]["tabular_learners"]
    assert LearnerParameters.model_validate(stated) == LearnerParameters()
