from types import SimpleNamespace

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import node, pipeline
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.datasets.figure import FigureDataset, FigureFolderDataset
from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.hooks import (
    BackboneHooks,
    ClusterHooks,
    DrawingHooks,
    ParameterHooks,
    PatientSafetyHooks,
    refuse_study_in_a_file,
    refuse_unknown_groups,
)
from spl_kedro.parallel import client, scheduler
from spl_kedro.parameters import flatten


def _context(parameters, tmp_path):
    return SimpleNamespace(
        config_loader={"parameters": parameters}, project_path=tmp_path, env="base"
    )


def _simulating():
    return pipeline([node(lambda: 1, None, "cohort_table", name="simulate")])


def test_nested_parameters_become_dotted_names_and_empty_groups_stay():
    assert flatten({"a": {"b": {"c": 1}, "d": {}}, "e": [1]}) == {"a.b.c": 1, "a.d": {}, "e": [1]}


def test_a_group_of_parameters_that_no_pipeline_reads_is_refused_by_name():
    for given, place in (((), "parameters"), (("radiomcs",), "--params")):
        with pytest.raises(UnusableStudyError) as refused:
            refuse_unknown_groups({"radiomcs": {}, "modeling": {}}, given)
        line = str(refused.value)
        assert line.startswith("parameter radiomcs: no pipeline has this name")
        assert "did you mean 'radiomics'" in line
        assert place in line
    with pytest.raises(UnusableStudyError, match=r"there are .*data_processing.*modeling"):
        refuse_unknown_groups({"nonsense": {}})


def test_a_study_named_in_a_file_of_parameters_is_refused_and_on_the_command_line_is_not():
    # Fault: the catalog opens another study than the parameters name.
    for key in ("study", "public_key"):
        named = {"external_validation": {key: "a"}}
        with pytest.raises(UnusableStudyError, match=f"external_validation.{key} stands in a file"):
            refuse_study_in_a_file(named, {})
        refuse_study_in_a_file(named, named)
    refuse_study_in_a_file({"external_validation": {"compare_with": ["training"]}}, {})


@pytest.mark.parametrize(
    ("explainability", "clinical", "exclude", "named"),
    [
        ({"conformal": {"model": "clinical"}}, [], [], "conformal.model"),
        ({"gradcam": {"decided_by": "clinical"}}, [{"name": "age"}], ["age"], "gradcam.decided_by"),
        ({"conformal": {"model": "clinical"}}, [{"name": "age"}], [], ""),
        ({"conformal": {"model": "cdlr"}}, [], [], ""),
    ],
)
def test_the_clinical_model_of_a_study_without_variables_is_refused_before_any_work(
    tmp_path, explainability, clinical, exclude, named
):
    context = _context(
        {
            "data_processing": {"clinical": clinical},
            "modeling": {"clinical": {"exclude": exclude}},
            "explainability": explainability,
        },
        tmp_path,
    )
    if not named:
        ParameterHooks().after_context_created(context)
        return
    with pytest.raises(UnusableStudyError, match=f"explainability.{named} is clinical"):
        ParameterHooks().after_context_created(context)


def test_the_globals_say_where_the_work_of_a_run_is_done_and_of_that_run_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(client, "connected", asked.append)
    for address, reached in [("tcp://host:8786", ["tcp://host:8786"]), (None, [])]:
        asked.clear()
        hooks = ClusterHooks()
        loader = {"globals": {"data": "data", "scheduler": address}}
        hooks.after_context_created(SimpleNamespace(config_loader=loader))
        hooks.before_pipeline_run()
        assert (scheduler(), asked) == (address, reached)
        hooks.on_pipeline_error()
        assert scheduler() is None


def test_a_look_at_a_cohort_tells_of_weights_that_its_study_would_have_to_fetch(
    tmp_path, monkeypatch, caplog
):
    # Fault: a person learns of it minutes later, when the study is begun.
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    checking = pipeline([node(lambda: 1, None, "check_page", name="show")])
    for deep, told in (
        ({"architecture": "resnet50", "weights": "imagenet"}, "deep_features.weights to packaged"),
        ({"architecture": "efficientnet_lite0", "weights": "packaged"}, ""),
        ({"architecture": "efficientnet_lite0", "weights": "imagenet"}, "efficientnet_lite0"),
    ):
        caplog.clear()
        hooks = BackboneHooks()
        hooks.after_context_created(_context({"deep_features": deep}, tmp_path))
        hooks.before_pipeline_run(checking)
        assert bool(caplog.text) == bool(told)
        assert told in caplog.text
    assert not list(tmp_path.rglob("*.pth"))


@pytest.mark.parametrize("real", [True, False])
def test_simulated_patients_never_overwrite_the_table_of_real_ones(tmp_path, real):
    hooks = PatientSafetyHooks()
    hooks.after_context_created(_context({"data_processing": {"simulated": not real}}, tmp_path))
    if not real:
        hooks.before_pipeline_run({"env": "base"}, _simulating())
        return
    with pytest.raises(ValueError, match=r"'clinic' holds real patients.*--pipelines cdlr"):
        hooks.before_pipeline_run({"env": "clinic"}, _simulating())


def test_a_nodes_figures_are_drawn_once_before_they_are_saved_at_their_resolutions(tmp_path):
    drawn = []

    def empty():
        drawn.append(1)
        return Figure(figsize=(2, 1))

    hooks = DrawingHooks()
    hooks.after_context_created(_context({"modeling": {"n_jobs": 1}}, tmp_path))
    catalog = DataCatalog(
        {
            "bar": FigureDataset(filepath=(tmp_path / "bar.png").as_posix(), dpi=100),
            "all": FigureFolderDataset(filepath=(tmp_path / "all").as_posix(), dpi=50),
            "table": MemoryDataset(),
        }
    )
    figure = Drawing(empty)
    outputs = {"bar": figure, "all": {"bar": figure}, "table": 1}
    hooks.after_node_run(catalog, outputs)
    for name, data in outputs.items():
        catalog.save(name, data)
    assert len(drawn) == 1
    sizes = []
    for name in ("bar.png", "all/bar.png"):
        with Image.open(tmp_path / name) as stored:
            sizes.append(stored.info["dpi"][0])
    assert sizes == pytest.approx([100, 50], abs=0.1)
