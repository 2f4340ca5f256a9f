"""Each node's time is written to the catalog."""

from kedro.io import DataCatalog
from kedro.pipeline import Node

from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.timing import TimingHooks


def shout(word):
    return word.upper()


def test_a_nodes_seconds_reach_the_catalog_and_older_ones_stay(tmp_path):
    dataset = DurationsDataset(filepath=str(tmp_path / "durations.json"))
    dataset.save({"earlier": 3.5})
    catalog = DataCatalog({"run_durations": dataset})
    node = Node(shout, inputs="word", outputs="loud", name="shout_word")
    hooks = TimingHooks()
    hooks.before_node_run(node)
    hooks.after_node_run(node, catalog, {})
    kept = dataset.load()
    assert kept["earlier"] == 3.5
    assert kept["shout_word"] >= 0


def test_a_catalog_without_the_entry_is_left_alone():
    node = Node(shout, inputs="word", outputs="loud", name="shout_word")
    hooks = TimingHooks()
    hooks.before_node_run(node)
    catalog = DataCatalog({})
    hooks.after_node_run(node, catalog, {})
    assert list(catalog) == []
