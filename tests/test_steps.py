"""A run tells which step begins and how much time is left."""

import logging

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.reuse import note_reuse, reuse_told
from spl_kedro.steps import StepHooks


def shout(word):
    return word.upper()


PIPELINE = Pipeline(
    [
        Node(shout, inputs="word", outputs="loud", name="first"),
        Node(shout, inputs="loud", outputs="louder", name="second"),
    ]
)


@pytest.fixture
def lines(tmp_path, caplog):
    """Run the two steps as a session does, after a run of these durations; return the lines."""
    caplog.set_level(logging.INFO, logger="spl_kedro.steps")

    def run(before=None, **asked):
        durations = DurationsDataset(filepath=str(tmp_path / "durations.json"))
        if before:
            durations.save(before)
        catalog = DataCatalog({"word": MemoryDataset("Word"), "run_durations": durations})
        manager = _create_hook_manager()
        manager.register(StepHooks())
        told = {"run_params": asked, "pipeline": PIPELINE, "catalog": catalog}
        manager.hook.before_pipeline_run(**told)
        SequentialRunner().run(PIPELINE, catalog, hook_manager=manager)
        manager.hook.after_pipeline_run(run_result={}, **told)
        return [r.message for r in caplog.records if r.name == "spl_kedro.steps"]

    yield run
    for name in ("kedro.runner", "kedro.pipeline.node"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_first_run_counts_its_steps_and_guesses_no_time(lines):
    assert lines() == ["Step 1 of 2: first", "Step 2 of 2: second"]


def test_a_second_run_tells_the_time_left_by_the_last_one(lines):
    before = {"first": {"load": 1.0, "run": 59.0}, "second": {"run": 3.0}, "start": {"run": 99.0}}
    assert lines(before) == [
        "Step 1 of 2: first, 60 s the last time; about 63 s left",
        "Step 2 of 2: second, 3 s the last time; about 3 s left",
    ]


def test_where_a_step_was_never_timed_no_time_left_is_told(lines):
    assert lines({"first": {"run": 60.0}}) == [
        "Step 1 of 2: first, 60 s the last time",
        "Step 2 of 2: second",
    ]


def test_a_run_for_missing_results_alone_tells_how_many_steps_that_took(lines):
    assert lines(only_missing_outputs=True)[-1].startswith("2 of 2 steps were needed")


def test_kedros_own_words_are_heard_where_steps_begin_in_other_processes(lines):
    lines()
    assert not logging.getLogger("kedro.runner").isEnabledFor(logging.INFO)
    lines(runner="ParallelRunner")
    assert logging.getLogger("kedro.runner").isEnabledFor(logging.INFO)


def test_a_run_counts_what_it_reuses_from_nothing(lines):
    note_reuse("of an earlier run", 1, 1)
    lines()
    assert reuse_told() == ""
