"""The pipelines as kedro-viz draws them, by its own data structures and without its server."""

from collections import Counter

import pytest
from kedro_viz.constants import ROOT_MODULAR_PIPELINE_ID
from kedro_viz.data_access.managers import DataAccessManager
from kedro_viz.integrations.kedro.data_loader import load_data
from kedro_viz.models.flowchart.model_utils import GraphNodeType
from tests.projects import make_project

from spl_kedro.pipeline_registry import COMPOSITES
from spl_kedro.pipelines.reporting.inputs import HANDED

#: A layer of an extended study; what depends on another of its datasets stands in a row below it.
WIDEST = 24


def drawn(graphs, tree):
    """Return the datasets between closed groups, without parameters."""
    nodes = [
        graphs.nodes.get_node_by_id(child.id)
        for child in tree[ROOT_MODULAR_PIPELINE_ID].children
        if child.type == GraphNodeType.DATA
    ]
    return [node for node in nodes if not node.name.startswith("param")]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """What kedro-viz reads of a project, and its graphs."""
    project = make_project(tmp_path_factory.mktemp("viz") / "project")
    catalog, pipelines, _ = load_data(project)
    graphs = DataAccessManager()
    graphs.resolve_dataset_factory_patterns(catalog, pipelines)
    graphs.add_catalog(catalog, pipelines)
    graphs.add_pipelines(pipelines)
    trees = {n: graphs.create_modular_pipelines_tree_for_registered_pipeline(n) for n in pipelines}
    return pipelines, graphs, trees


def test_the_layers_of_every_pipeline_stand_in_the_order_of_the_folders(loaded):
    # kedro-viz draws none where one comes both before and after another.
    pipelines, graphs, _ = loaded
    for name in pipelines:
        layers = graphs.get_sorted_layers_for_registered_pipeline(name)
        assert layers, name
        own = {
            node.layer
            for node in graphs.nodes.as_list()
            if name in node.pipelines and getattr(node, "layer", None)
        }
        shown = [layer for layer in layers if layer in own]
        assert shown == sorted(own), name


def test_every_step_has_the_tag_and_the_group_of_its_pipeline(loaded):
    pipelines, _, _ = loaded
    for name, pipeline in pipelines.items():
        for node in pipeline.nodes:
            group = node.namespace.partition(".")[0]
            assert group in pipelines, node.name
            assert group in node.tags, node.name
            assert name in (group, "__default__", *COMPOSITES), node.name


def test_closed_groups_leave_no_row_wider_than_a_laptops_screen(loaded):
    # Fault: each table and figure that the report shows, as a dataset between the groups.
    pipelines, graphs, trees = loaded
    for name in pipelines:
        rows = Counter(node.layer for node in drawn(graphs, trees[name]))
        assert max(rows.values()) <= WIDEST, (name, rows)


def test_of_what_the_report_shows_closed_groups_hide_what_no_other_group_reads(loaded):
    pipelines, graphs, trees = loaded
    shown = {node.name for node in drawn(graphs, trees["__default__"])}
    assert {"study_report", "modeling_results", "multiclass_sections"} <= shown
    handed = set(HANDED.values())
    assert len(handed - shown) > len(handed & shown) > 0
    steps = pipelines["__default__"].nodes
    for name in handed & shown:
        makes, reads = (
            {node.namespace.partition(".")[0] for node in steps if name in names(node)}
            for names in (lambda node: node.outputs, lambda node: node.inputs)
        )
        assert reads - makes, name
