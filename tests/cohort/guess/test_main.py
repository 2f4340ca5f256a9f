"""`make study`, then `make check`, on files that no setting was written for."""

import pytest
from tests.cohorts import busi, halves, simulated_lesions, write
from tests.projects import kedro, make_project

from spl_kedro.cohort.guess.__main__ import main


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("own") / "project")


def test_a_guessed_study_is_checked_as_it_stands(project, tmp_path, capsys):
    words = {"benign": "gutartig", "malignant": "bösartig"}
    rows = ["Fallnummer;Alter;Geschlecht;Befund;Histologie"]
    for number, (image, mask, word) in enumerate(simulated_lesions(8, seed=2)):
        name = f"Fall {number + 1} (a)"
        write(tmp_path / "Bilder" / f"US {name}.png", image)
        for part, outline in zip(("", "-2"), halves(mask), strict=True):
            write(tmp_path / "Konturen" / f"Kontur {name}{part}.png", outline)
        rows.append(f"{name};{50 + 3 * number};{'wm'[number % 2]};{words[word]};x{number}")
    table = tmp_path / "Liste.csv"
    table.write_text("\n".join(rows), encoding="cp1252")
    asked = ["--table", table, "--images", tmp_path / "Bilder", "--outlines", tmp_path / "Konturen"]
    assert main(["--name", "klinik", "--conf", str(project / "conf"), *map(str, asked)]) == 0
    printed = capsys.readouterr().out
    assert "of the rows 8 find their image, 8 an outline" in printed
    assert "CHECK: columns.patient_id" in printed
    # Fault: a mark in a file that the list does not name.
    files = "".join(p.read_text() for p in (project / "conf/klinik").iterdir())
    assert files.count("# CHECK: ") == printed.count("CHECK: ") > 0
    assert printed.endswith("Then: make check STUDY=conf/klinik\n")
    ended = kedro(project, "run", "--env", "klinik", "--pipelines", "check")
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "8 lesions: 8 usable, 0 quarantined" in ended.stdout


def test_a_second_call_changes_nothing_and_says_so(project, tmp_path, capsys):
    busi(tmp_path / "files", count=4)
    asked = [
        "--name",
        "folders",
        "--images",
        str(tmp_path / "files"),
        "--conf",
        str(project / "conf"),
    ]
    assert main(asked) == 0
    before = {p: p.read_bytes() for p in (project / "conf/folders").iterdir()}
    assert main(asked) == 1
    assert capsys.readouterr().err.startswith("Error: a new folder for the study:")
    assert before == {p: p.read_bytes() for p in (project / "conf/folders").iterdir()}


@pytest.mark.parametrize("name", ["base", "Mine", "../x", "a b"])
def test_a_name_that_is_no_environment_is_refused(name, project, tmp_path, capsys):
    asked = ["--name", name, "--images", str(tmp_path), "--conf", str(project / "conf")]
    assert main(asked) == 1
    assert "a name for the study" in capsys.readouterr().err
