"""A packaged study carries its analysis plan and the looks at its validation."""

import json

from tests.sealing.plans import plan, state

from spl_kedro.pipelines.package_study.nodes import seal_texts


def test_plan_and_looks_travel_with_the_study_and_nothing_with_one_that_has_none():
    changed = state(plan(), plan(seed=2), plan())
    texts = {name: json.loads(text) for name, text in seal_texts(changed.stored()).items()}
    assert texts["analysis_plan"] == plan()
    assert texts["looks"]["count"] == 1
    assert texts["looks"]["head"] == changed.head
    assert texts["looks"]["since_look"] == [["modeling.seed", "1", "2"]]
    assert seal_texts({}) == {}
