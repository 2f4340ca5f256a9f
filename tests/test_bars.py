"""Long work tells how far it is: to a person by a bar, to a file by lines."""

import io
import logging
import sys
from types import SimpleNamespace

import pytest
from tqdm import tqdm

from spl_kedro.bars import LoggedBar, bar
from spl_kedro.terminal import BesideBars


def told(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.name == "spl_kedro.bars"]


def test_a_file_gets_lines_with_the_share_and_the_time_left_and_no_bar(caplog, capfd):
    caplog.set_level(logging.INFO, logger="spl_kedro.bars")
    # A line after each case; without an end, which needs none.
    assert list(LoggedBar(range(4), desc="radiomics", every=0)) == [0, 1, 2, 3]
    lines = told(caplog)
    assert [line.rpartition(",")[0] for line in lines] == [
        f"radiomics: {n} of 4 ({n * 25}%)" for n in (1, 2, 3)
    ]
    assert all(line.endswith(" left") for line in lines)
    assert capfd.readouterr() == ("", "")


def test_of_work_of_less_than_half_a_minute_a_file_hears_nothing(caplog, capfd):
    caplog.set_level(logging.INFO, logger="spl_kedro.bars")
    with bar(total=3, desc="fits") as progress:
        progress.update(1)
        progress.update(2)
    assert list(bar([1, 2], desc="draws", leave=True)) == [1, 2]
    assert told(caplog) == []
    assert capfd.readouterr() == ("", "")


def test_a_notebook_shows_a_bar_and_a_program_that_only_has_its_package_does_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    for shell, shows in (
        (None, False),
        (SimpleNamespace(), False),
        (SimpleNamespace(kernel=1), True),
    ):
        python = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", python)
        with bar(total=1) as shown:
            assert isinstance(shown, LoggedBar) != shows


def test_work_without_a_known_end_is_counted(caplog):
    caplog.set_level(logging.INFO, logger="spl_kedro.bars")
    list(LoggedBar(iter("ab"), desc="draws", every=0))
    assert told(caplog)[0] == "draws: 1 so far"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_somebody_at_a_terminal_sees_a_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    shown = bar(range(3), desc="radiomics")
    assert isinstance(shown, tqdm)
    assert not isinstance(shown, LoggedBar)
    list(shown)
    assert "radiomics: 100%" in sys.stderr.getvalue()


@pytest.mark.parametrize("nothing", [{"iterable": []}, {"iterable": iter(()), "total": 0}])
def test_of_no_work_at_all_no_bar_is_shown(monkeypatch, nothing):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(bar(**nothing, desc="second outlines")) == []
    assert sys.stderr.getvalue() == ""


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_a_line_of_the_log_takes_the_bar_away_and_brings_it_back(monkeypatch, level):
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    handler = BesideBars(terminal)
    with tqdm(total=2, desc="radiomics", file=terminal, ncols=40) as progress:
        progress.update(1)
        handler.emit(logging.LogRecord("x", level, "", 1, "a word", None, None))
    before, _, after = terminal.getvalue().partition("a word\n")
    # The bar was wiped with blanks, so that the line begins in the first column.
    assert before.split("\r")[-1] == ""
    assert "radiomics" in after
