"""The plan is stored once; the log of looks only grows."""

from pathlib import Path

import pytest

from spl_kedro.datasets.sealing import LookLogDataset, PlanDataset


def look(name: str) -> dict:
    return {"kind": "unseal", "hashes": {"parameters": name}, "changes": []}


@pytest.fixture
def log(tmp_path) -> LookLogDataset:
    return LookLogDataset(
        filepath=str(tmp_path / "looks.jsonl"), witness=str(tmp_path / "models/last_look.json")
    )


def test_the_first_plan_stays_and_an_empty_one_is_never_written(tmp_path):
    kept = PlanDataset(filepath=str(tmp_path / "plan.json"), keep_first=True)
    kept.save({})
    assert not kept.exists()
    kept.save({"seed": 1})
    before = (tmp_path / "plan.json").read_bytes()
    kept.save({"seed": 2})
    assert kept.load() == {"seed": 1}
    assert (tmp_path / "plan.json").read_bytes() == before


def test_a_look_is_added_and_no_line_before_it_is_touched(log, tmp_path):
    log.save([look("a")])
    first = (tmp_path / "looks.jsonl").read_bytes()
    log.save([look("b")])
    log.save([])
    both = (tmp_path / "looks.jsonl").read_bytes()
    assert both.startswith(first)
    assert log.load().count == 2
    assert log.load().findings == []


@pytest.mark.parametrize("kept", [0, 1])
def test_looks_that_were_taken_out_are_missed_when_the_log_is_loaded(log, tmp_path, kept):
    log.save([look("a")])
    log.save([look("b")])
    path: Path = tmp_path / "looks.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:kept]))
    loaded = log.load()
    assert loaded.count == 2
    assert "looks.jsonl: 2 looks were taken" in loaded.findings[0]
    path.unlink()
    assert log.load().count == 2
