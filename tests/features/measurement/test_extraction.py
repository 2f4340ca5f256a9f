"""Whole cohorts: the same table from any backend, resumed, and in spite of bad lesions."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from spl_kedro.features.measurement import (
    ExecutionSettings,
    FeatureCache,
    RadiomicsSettings,
    extract_features,
)
from spl_kedro.features.radiomics import feature_names

from .workers import Deadly, Readable, Unreadable

CHOSEN = RadiomicsSettings()
INLINE = ExecutionSettings(backend="threads", workers=1, progress=False)
PROCESSES = ExecutionSettings(backend="processes", workers=2, retries=1, progress=False)
TESTS = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _workers_find_the_readers(monkeypatch):
    # Worker processes import the readers' module by name, as they do any installed package.
    monkeypatch.syspath_prepend(str(TESTS))


def _cohort(count, **options):
    return {f"L{k:02d}": Readable(f"L{k:02d}", k, **options) for k in range(count)}


def _bytes(result, path):
    result.features.to_parquet(path)
    return path.read_bytes()


def test_the_table_is_sorted_named_and_finite():
    cohort = dict(reversed(_cohort(4).items()))
    result = extract_features(cohort, CHOSEN, INLINE)
    assert list(result.features.index) == ["L00", "L01", "L02", "L03"]
    assert result.features.index.name == "lesion_id"
    assert tuple(result.features.columns) == feature_names("us2d-1561")
    assert np.isfinite(result.features.to_numpy()).all()
    assert (result.features.dtypes == np.float64).all()


def test_a_bad_lesion_is_quarantined_and_the_others_measured():
    cohort = {**_cohort(2), "bad": Unreadable()}
    result = extract_features(cohort, CHOSEN, INLINE)
    assert len(result.features) == 2
    (row,) = result.quarantine.to_dict("records")
    assert row["lesion_id"] == "bad"
    assert (row["stage"], row["rule"]) == ("radiomics", "readable file")
    assert "damaged file" in row["message"]


def test_an_empty_cohort_gives_an_empty_table():
    result = extract_features({}, CHOSEN, INLINE)
    assert result.features.shape == (0, 1561)


def test_threads_and_processes_give_the_same_bytes(tmp_path):
    tables = {
        _bytes(extract_features(_cohort(5), CHOSEN, execution), tmp_path / f"{k}.parquet")
        for k, execution in enumerate(
            (INLINE, ExecutionSettings(backend="threads", workers=2, progress=False), PROCESSES)
        )
    }
    assert len(tables) == 1


def test_a_lesion_that_kills_its_worker_is_found_out_and_the_others_measured(tmp_path):
    cohort = {**_cohort(4), "poison": Deadly("poison", tmp_path)}
    result = extract_features(cohort, CHOSEN, PROCESSES)
    assert list(result.features.index) == ["L00", "L01", "L02", "L03"]
    assert result.quarantine["rule"].tolist() == ["a lesion whose extraction ends"]


def test_a_lesion_whose_worker_died_once_is_measured_after_all(tmp_path):
    cohort = {**_cohort(2), "unlucky": Deadly("unlucky", tmp_path, times=1)}
    result = extract_features(cohort, CHOSEN, PROCESSES)
    assert "unlucky" in result.features.index
    assert result.quarantine.empty


def test_readers_that_cannot_travel_are_used_in_threads(caplog):
    cohort = {name: (lambda reader=reader: reader()) for name, reader in _cohort(2).items()}
    result = extract_features(cohort, CHOSEN, PROCESSES)
    assert len(result.features) == 2
    assert "threads" in caplog.text


def test_a_second_run_computes_nothing(tmp_path, monkeypatch):
    from spl_kedro.features.measurement import jobs

    cache = FeatureCache(str(tmp_path))
    first = extract_features(_cohort(3), CHOSEN, INLINE, cache)

    def never(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(jobs, "lesion_features", never)
    second = extract_features(_cohort(3), CHOSEN, INLINE, cache)
    assert first.features.equals(second.features)


def test_another_setting_is_computed_anew(tmp_path):
    cache = FeatureCache(str(tmp_path))
    first = extract_features(_cohort(1), CHOSEN, INLINE, cache).features
    second = extract_features(_cohort(1), RadiomicsSettings(bin_width=10), INLINE, cache).features
    column = "original_glcm_JointEntropy"
    assert first[column].iloc[0] != second[column].iloc[0]


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from spl_kedro.features.measurement import *
from tests.features.measurement.workers import Readable
if __name__ == "__main__":
    gates = [None] * 10 + ["a file that never comes"] * 20
    cohort = {{f"L{{k:02d}}": Readable(f"L{{k:02d}}", k, gate=gates[k]) for k in range(30)}}
    execution = ExecutionSettings(backend="processes", workers=2, progress=False)
    extract_features(cohort, RadiomicsSettings(), execution, FeatureCache({cache!r}))
"""


def _entries(store):
    """Stored lesions: a rewritten file has another inode or time of change."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in store.glob("*/*.entry")
    }


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:  # it ended, before or while its state was read
        return False


def _children(pid):
    children = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(entry.parent.name)
            children += [child, *_children(child)]
    return children


def _wait_until(reached, seconds=600):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_killed_extraction_resumes_to_the_same_bytes_and_leaves_no_worker_behind(tmp_path):
    store = tmp_path / "cache"
    script = tmp_path / "extract.py"
    script.write_text(SCRIPT.format(tests=str(TESTS), cache=str(store)))
    process = subprocess.Popen([sys.executable, str(script)])
    try:
        _wait_until(lambda: len(_entries(store)) == 10 or process.poll() is not None)
        assert process.poll() is None, "the extraction ended before it could be killed"
        workers = _children(process.pid)
    finally:
        process.kill()
        process.wait()
    _wait_until(lambda: not any(map(_alive, workers)))
    stored = _entries(store)
    assert len(stored) == 10
    resumed = extract_features(_cohort(30), CHOSEN, INLINE, FeatureCache(str(store)))
    after = _entries(store)
    assert len(after) == 30
    assert stored.items() <= after.items(), "an entry that was there has been written again"
    clean = extract_features(_cohort(30), CHOSEN, INLINE)
    assert _bytes(resumed, tmp_path / "a.parquet") == _bytes(clean, tmp_path / "b.parquet")
