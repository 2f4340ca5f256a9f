"""The time of each step reaches the catalog."""

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.timing import TimingHooks, account


class CountedDurations(DurationsDataset):
    """Counts how often it is written."""

    written = 0

    def save(self, data: dict[str, dict[str, float]]) -> None:
        """Write and count."""
        self.written += 1
        super().save(data)


def shout(word):
    return word.upper()


def whisper(word, durations):
    return word.lower(), durations


def fail(word):
    raise RuntimeError(word)


def run(durations, *nodes):
    """Run nodes as a session does, and return the catalog."""
    catalog = DataCatalog({"word": MemoryDataset("Word"), "seen": MemoryDataset()})
    if durations is not None:
        catalog["run_durations"] = durations
    manager = _create_hook_manager()
    manager.register(TimingHooks())
    pipeline = Pipeline(list(nodes))
    told = {"run_params": {}, "pipeline": pipeline, "catalog": catalog}
    manager.hook.before_pipeline_run(**told)
    try:
        SequentialRunner().run(pipeline, catalog, hook_manager=manager)
    except RuntimeError as error:
        manager.hook.on_pipeline_error(error=error, **told)
    else:
        manager.hook.after_pipeline_run(run_result={}, **told)
    return catalog


SHOUT = Node(shout, inputs="word", outputs="loud", name="shout_word")


@pytest.fixture
def durations(tmp_path):
    dataset = CountedDurations(filepath=str(tmp_path / "durations.json"))
    DurationsDataset.save(dataset, {"earlier": {"run": 3.5}})
    return dataset


def test_each_step_has_its_seconds_once_and_older_ones_stay(durations):
    again = Node(shout, inputs="loud", outputs="louder", name="shout_again")
    run(durations, SHOUT, again)
    kept = durations.load()
    assert list(kept) == ["earlier", "start", "shout_word", "shout_again"]
    assert kept["earlier"] == {"run": 3.5}
    assert set(kept["shout_word"]) == {"load", "run", "save"}
    assert min(kept["shout_word"].values()) >= 0
    assert durations.written == 1


def test_a_step_that_reads_the_durations_finds_those_before_it(durations):
    read = Node(whisper, ["loud", "run_durations"], ["quiet", "seen"], name="whisper_word")
    catalog = run(durations, SHOUT, read)
    assert {"earlier", "start"} <= set(catalog.load("seen"))
    assert set(catalog.load("seen")["shout_word"]) == {"load", "run", "save"}
    assert "run" in durations.load()["whisper_word"]


def test_a_run_that_fails_keeps_the_durations_of_the_steps_before(durations):
    run(durations, SHOUT, Node(fail, inputs="loud", outputs="never", name="fail_at_word"))
    kept = durations.load()
    assert "run" in kept["shout_word"]
    assert "run" not in kept["fail_at_word"]


def test_a_catalog_without_the_entry_is_left_alone():
    assert "run_durations" not in run(None, SHOUT)


def test_a_run_ends_with_an_account_of_its_time(durations, caplog):
    caplog.set_level("INFO", logger="spl_kedro")
    run(durations, SHOUT)
    told = [record.message for record in caplog.records if record.name == "spl_kedro.timing"]
    assert len(told) == 1
    assert told[0].startswith("Time: start ")
    assert "Longest: shout_word" in told[0]


def test_the_account_adds_up_and_names_the_slowest_first():
    phases = {"start": {"run": 12.2}, "quick": {"load": 1.0, "run": 2.0}, "slow": {"run": 30.0}}
    phases["slow"]["save"] = 9.0
    assert account(phases, longest=1) == (
        "Time: start 12 s, steps 32 s, loading and saving 10 s. Longest: slow 39 s."
    )
