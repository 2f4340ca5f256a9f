"""The study that many files share: made once, and failed once."""

from subprocess import CompletedProcess

import pytest
from tests import miniature


def test_a_run_that_failed_is_not_tried_again_and_all_who_ask_are_told_how(tmp_path, monkeypatch):
    # Fault: a broken study run anew by each file that starts from it.
    tried = []

    def fails(project, *arguments):
        tried.append(arguments)
        return CompletedProcess(arguments, 1, "", "the disk is full")

    monkeypatch.setattr(miniature, "kedro_process", fails)
    for _ in range(3):
        with pytest.raises(AssertionError, match="the disk is full"):
            miniature.finished(tmp_path / "study", "--pipelines", "cdlr")
    assert tried == [("run", "--env", "test", "--pipelines", "cdlr")]
