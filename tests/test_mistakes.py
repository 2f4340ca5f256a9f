"""What Kedro says of a person's mistakes, and what is a bug all the same."""

import click
import pytest
from kedro.io import DatasetError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.faults import one_line
from spl_kedro.mistakes import mistake, refuse_unknown_pipelines
from spl_kedro.previews import StudyConfigLoader


def test_a_module_that_a_pipeline_lacks_is_a_bug_and_keeps_its_traceback():
    wanting = ImportError("An error occurred while importing the 'spl_kedro.pipelines.x' module.")
    assert mistake(wanting) is not None  # there is none of this name
    wanting.__cause__ = ModuleNotFoundError("No module named 'somewhere'")
    assert mistake(wanting) is None
    assert one_line(wanting) is None


def test_a_misspelt_pipeline_is_told_what_is_near():
    error = ImportError(
        "An error occurred while importing the 'spl_kedro.pipelines.radiomic' module."
    )
    assert one_line(error) == (
        "a pipeline that exists: there is no pipeline 'radiomic' (near: 'radiomics'). "
        "Remedy: Correct the name: kedro registry list shows them all."
    )


def test_an_unknown_pipeline_is_told_which_there_are_before_anything_else_is_read():
    # Fault: seconds of setting MLflow up, for a name that a look into a folder refuses.
    with click.Context(click.Command("run")) as command:
        for params in ({"pipelines": ["radiomics", "nonsense"]}, {"pipeline": "nonsense"}):
            command.params = params
            with pytest.raises(UnusableStudyError, match="no pipeline 'nonsense'") as refused:
                refuse_unknown_pipelines()
            assert "data_processing" in str(refused.value)
            assert "modeling" in str(refused.value)
        command.params = {"pipelines": ["__default__", "cdlr"], "pipeline": None}
        refuse_unknown_pipelines()
    refuse_unknown_pipelines()  # no command: a notebook


def test_hints_for_other_projects_are_left_out():
    error = DatasetError("An exception occurred when parsing config for dataset 'a':\nno\nHint: b")
    assert "'a': no. Remedy" in one_line(error)


@pytest.mark.parametrize(
    "bug",
    [
        ValueError("Found array with 0 samples"),
        AttributeError("module 'numpy' has no attribute 'nonsense'"),
        DatasetError("Failed while loading data"),
    ],
)
def test_other_errors_of_these_types_are_no_mistakes(bug):
    assert mistake(bug) is None


def test_a_missing_file_is_told_although_its_error_holds_the_path_alone():
    line = one_line(FileNotFoundError("data/04_feature/radiomics_features.parquet"))
    assert line.startswith("file system: there is no 'data/04_feature/radiomics_features.parquet'")
    assert "run the pipeline that makes it" in line


def test_a_key_in_two_files_of_an_environment_is_told_with_both(tmp_path):
    for name, content in {
        "base/globals.yml": "data: data",
        "study/parameters_a.yml": "sealing: {sealed: true}",
        "study/parameters_b.yml": "sealing: {sealed: false}",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    loader = StudyConfigLoader(str(tmp_path), base_env="base", default_run_env="study")
    with pytest.raises(ValueError, match="Duplicate keys") as raised:
        loader["parameters"]
    told = str(mistake(raised.value))
    assert told.startswith("a key in one file of an environment: Duplicate keys found in ")
    assert "parameters_a.yml" in told
    assert "parameters_b.yml" in told
    assert "sealing.sealed" in told
