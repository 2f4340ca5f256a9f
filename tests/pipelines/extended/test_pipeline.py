"""The extended study's steps in their order, with additions and without one."""

import pytest

from spl_kedro.pipelines import additions, extended


def before(pipeline, name):
    """Return the names of all steps that a step comes after."""
    steps = {node.name: node for node in pipeline.nodes}
    needed, waiting = set(), [steps[name]]
    while waiting:
        for node in pipeline.node_dependencies[waiting.pop()]:
            if node.name not in needed:
                needed.add(node.name)
                waiting.append(node)
    return needed


def test_machine_outlines_are_drawn_before_the_fitted_models_are_judged_on_them():
    steps = before(extended.create_pipeline(), "outline_robustness.examine_outlines")
    assert {"assisted_outlines.outline_lesions", "modeling.leak_free.fit_models"} <= steps


def test_the_report_comes_after_what_every_addition_says():
    pipeline = extended.create_pipeline()
    said = [name for name in pipeline.all_outputs() if name.endswith("_sections")]
    steps = before(pipeline, "reporting.gather_results")
    writers = {node.name for node in pipeline.nodes if set(node.outputs) & set(said)}
    assert "assisted_outlines.write_outlines_section" in writers
    assert writers <= steps | {"reporting.make_report_sections"}


@pytest.mark.parametrize("gone", ["assisted_outlines", "outline_robustness", "rings", "habitats"])
def test_without_an_addition_the_others_and_the_study_stay(monkeypatch, gone):
    def present(names):
        return [name for name in names if name != gone and additions._is_there(name)]

    monkeypatch.setattr(extended.pipeline, "present", present)
    left = {node.namespace.partition(".")[0] for node in extended.create_pipeline().nodes}
    whole = {*extended.pipeline.ADDITIONS, *extended.pipeline.JUDGES, "modeling", "reporting"}
    assert whole - {gone} <= left
    assert gone not in left
