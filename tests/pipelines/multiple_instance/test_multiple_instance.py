"""The steps from images to patients, and the study that they extend."""

from kedro.config import OmegaConfigLoader
from tests.modeling.signatures.conftest import make_inputs, quick_settings
from tests.projects import ROOT

from spl_kedro.bags.section import ONE_EACH
from spl_kedro.bags.settings import BagParameters
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.pipelines import cdlr, extended
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.multiple_instance.nodes import (
    judge_bags,
    learn_from_patients,
    write_section,
)
from spl_kedro.provenance import development_key
from spl_kedro.settings import CONFIG_LOADER_ARGS


def test_a_study_of_one_image_each_says_in_its_report_that_there_is_nothing_to_learn():
    cohort, tables = make_inputs(sizes=(40, 10, 0))
    table, settings = assemble_study_table(cohort, tables), quick_settings()
    own = run_protocol(table, settings, only=["rad"]).predictions
    modeling = ModelingParameters(**settings.model_dump(), evaluation={"n_bootstrap": 100})
    asked = BagParameters(models=("rad",), witness=("rad",))
    scores, selected = learn_from_patients(table, own, modeling, asked)
    measures, differences, drawing = judge_bags(scores, cohort, modeling, asked)
    told = write_section(measures, differences, selected, own, cohort, asked)
    (section,) = told.sections
    assert told.of == development_key(own)
    assert section.paragraphs == (ONE_EACH,)
    assert drawing.figure().axes


def test_patients_are_learnt_from_after_modeling_of_an_extended_study_alone():
    assert "multiple_instance_scores" not in cdlr.create_pipeline().all_outputs()
    place = {node.name: k for k, node in enumerate(extended.create_pipeline().nodes)}
    assert (
        place["modeling.collect_predictions"]
        < place["multiple_instance.write_bags_section"]
        < place["reporting.gather_results"]
    )


def test_the_stated_parameters_are_the_defaults():
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="base", **CONFIG_LOADER_ARGS)
    stated = loader["parameters"]["multiple_instance"]
    assert BagParameters.model_validate(stated) == BagParameters()
