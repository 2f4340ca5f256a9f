"""The chain of looks: what was changed or taken out shows."""

import json

import pytest

from spl_kedro.sealing import append_looks, read_looks
from spl_kedro.sealing.looks import START


def look(name: str = "a", changes: tuple = ()) -> dict:
    return {"kind": "unseal", "hashes": {"parameters": name}, "changes": [list(c) for c in changes]}


def logged(count: int) -> tuple[list[str], dict]:
    log, text = read_looks(""), ""
    for number in range(count):
        lines, log = append_looks(log, [look(str(number))])
        text += lines
    return text.splitlines(), log.witness()


def test_a_whole_log_is_found_whole_and_its_lines_hang_on_each_other():
    lines, witness = logged(3)
    log = read_looks("\n".join(lines), witness)
    assert (log.count, log.findings) == (3, [])
    assert [own["number"] for own in log.looks] == [1, 2, 3]
    assert log.looks[0]["previous"] == START
    assert log.looks[2]["previous"] == log.looks[1]["sha256"]
    assert witness == {"looks": 3, "head": log.looks[2]["sha256"]}


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_removed_line_shows_and_the_number_of_looks_stays(gone):
    lines, witness = logged(3)
    del lines[gone]
    log = read_looks("\n".join(lines), witness, "looks.jsonl")
    assert log.count == 3
    assert len(log.findings) == 1
    assert "looks.jsonl" in log.findings[0]
    assert "missing" in log.findings[0]


def test_a_removed_file_shows_by_what_was_kept_beside_it():
    _, witness = logged(2)
    log = read_looks("", witness, "looks.jsonl")
    assert log.count == 2
    assert log.findings == ["looks.jsonl: 2 looks were taken, the last 2 missing."]


def test_a_changed_line_shows_even_where_only_its_reason_was_rewritten():
    lines, witness = logged(2)
    changed = json.loads(lines[0]) | {"reason": "planned"}
    log = read_looks("\n".join([json.dumps(changed), lines[1]]), witness)
    assert log.findings == ["the log of looks, line 1: look 1 was changed after it was made."]


def test_a_line_made_anew_with_its_own_checksum_no_longer_carries_the_next():
    # Fault: a chain that checks each line alone.
    lines, witness = logged(3)
    forged, _ = append_looks(read_looks(lines[0]), [look("forged")])
    log = read_looks("\n".join([lines[0], forged.strip(), lines[2]]), witness)
    assert any("does not follow the line before it" in finding for finding in log.findings)


def test_a_line_that_is_no_json_is_named_by_its_place():
    lines, witness = logged(2)
    log = read_looks("\n".join([lines[0], "{half"]), witness)
    assert "line 2: cannot be read." in log.findings[0]


def test_the_break_stays_visible_after_further_looks():
    # Fault: a new look that heals the chain over a removed one.
    lines, witness = logged(2)
    broken = read_looks(lines[0], witness)
    added, after = append_looks(broken, [look("later")])
    assert json.loads(added)["number"] == 3
    assert json.loads(added)["findings"] == broken.findings
    again = read_looks("\n".join([lines[0], added.strip()]), after.witness())
    assert again.count == 3
    assert any("1 look before it missing" in finding for finding in again.findings)


def test_a_log_without_what_is_kept_beside_it_is_not_called_complete():
    lines, _ = logged(1)
    assert read_looks(lines[0], None).findings != []


def test_a_crash_between_line_and_witness_is_no_finding():
    lines, _ = logged(2)
    _, before = logged(1)
    assert read_looks("\n".join(lines), before).findings == []


def test_a_look_by_the_same_analysis_is_told_from_one_that_was_changed():
    _, log = append_looks(read_looks(""), [look("a")])
    _, same = append_looks(log, [look("a")])
    _, other = append_looks(log, [look("b", [("modeling.seed", "1", "2")])])
    assert (same.looks[-1]["same_as"], same.looks[-1]["post_hoc"]) == ([1], False)
    assert (other.looks[-1]["same_as"], other.looks[-1]["post_hoc"]) == ([], True)
