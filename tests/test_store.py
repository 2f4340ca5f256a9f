import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from spl_kedro import store as module
from spl_kedro.store import ContentStore, content_key, main

KEY = "ab" * 32


class _Settings(BaseModel):
    width: float = 5.0


def test_what_is_stored_is_found_again(tmp_path):
    store = ContentStore(str(tmp_path / "new" / "folder"))
    assert store.load(KEY) is None
    store.save(KEY, b"content")
    assert store.load(KEY) == b"content"
    store.discard(KEY)
    assert store.load(KEY) is None


def test_without_a_folder_nothing_is_stored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = ContentStore(None)
    store.save(KEY, b"content")
    assert store.load(KEY) is None
    store.discard(KEY)
    store.clean()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:-1] + b"x", lambda b: b""])
def test_a_damaged_entry_is_not_served(tmp_path, damage):
    store = ContentStore(str(tmp_path))
    store.save(KEY, b"content")
    (entry,) = tmp_path.glob("ab/*.entry")
    entry.write_bytes(damage(entry.read_bytes()))
    assert store.load(KEY) is None


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        ContentStore(str(tmp_path)).save(KEY, b"content")
    assert not list(tmp_path.glob("*/*"))


def test_a_key_changes_with_type_shape_order_and_content():
    table = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index(["x", "y"], name="lesion_id"))
    parts = [
        (np.zeros(4),), (np.zeros((2, 2)),), (np.zeros(4, np.float32),), (np.ones(4),),
        (np.zeros(0),),
        (table,), (table.rename(columns={"a": "b"}),), (table.rename_axis("id"),),
        (table.iloc[::-1],), (table.astype("float32"),), (table.assign(a=[1.0, 3.0]),),
        (_Settings(),), (_Settings(width=6.0),), ("5",), (5,), (5.0,), (b"5",), (None,), (True,),
        ("ab", "c"), ("a", "bc"), (("ab", "c"),), (),
    ]  # fmt: skip
    keys = [content_key(*part) for part in parts]
    assert len(set(keys)) == len(keys)
    assert content_key(*parts[5]) == content_key(table.copy())


@pytest.mark.parametrize("part", [object(), {"a": 1}, np.array([object()])])
def test_what_has_no_content_of_its_own_is_refused(part):
    with pytest.raises(TypeError):
        content_key(part)


def test_the_command_line_reports_and_cleans_only_its_own_files(tmp_path, capsys):
    for name in ("radiomics", "audit"):
        store = ContentStore(str(tmp_path / name))
        store.save(KEY, b"content")
        store.save("cd" * 32, b"content")
    (tmp_path / "audit" / "notes.txt").write_text("keep me")
    main(["--report", "--directory", str(tmp_path)])
    assert capsys.readouterr().out.count("2 entries") == 2
    main(["--clean", "--directory", str(tmp_path)])
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")]
    assert sorted(left) == ["audit", "audit/notes.txt"]


def test_cleaning_an_absent_folder_is_no_error(tmp_path, capsys):
    main(["--clean", "--directory", str(tmp_path / "none")])
    assert "no entries" in capsys.readouterr().out


def test_the_command_finds_the_stores_of_the_project_without_a_word_on_stderr(tmp_path):
    project = tmp_path / "study"
    (project / "notebooks").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.kedro]\n")
    ContentStore(str(project / ".cache" / "radiomics")).save(KEY, b"content")
    said = subprocess.run(
        [sys.executable, "-m", "spl_kedro.store", "--report"],
        cwd=project / "notebooks",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 entries" in said.stdout
    assert said.stderr == ""
