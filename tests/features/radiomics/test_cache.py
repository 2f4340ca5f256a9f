import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from spl_kedro.features.radiomics import FeatureCache, RadiomicsSettings
from spl_kedro.features.radiomics import cache as module
from spl_kedro.features.radiomics.cache import lesion_key
from spl_kedro.features.radiomics.cache.__main__ import main

from .lesions import speckle_lesion

VALUES = np.arange(5.0)


def test_what_is_stored_is_found_again(tmp_path):
    cache = FeatureCache(str(tmp_path / "new" / "folder"))
    assert cache.load("ab" * 32, 5) is None
    cache.store("ab" * 32, VALUES)
    assert np.array_equal(cache.load("ab" * 32, 5), VALUES)


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:-1] + b"x", lambda b: b""])
def test_a_damaged_entry_is_not_served(tmp_path, damage):
    cache = FeatureCache(str(tmp_path))
    cache.store("ab" * 32, VALUES)
    (entry,) = tmp_path.glob("ab/*.features")
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.load("ab" * 32, 5) is None


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        FeatureCache(str(tmp_path)).store("ab" * 32, VALUES)
    assert not list(tmp_path.glob("*/*"))


def test_the_key_changes_with_everything_the_values_depend_on(monkeypatch):
    lesion, settings = speckle_lesion(spacing=(0.2, 0.3)), RadiomicsSettings()
    image, mask = lesion.image.copy(), lesion.mask.copy()
    image[0, 0] += 1
    mask[0, 0] = True
    physical = RadiomicsSettings(spacing="physical")
    keys = [
        lesion_key(lesion, settings),
        lesion_key(replace(lesion, image=image), settings),
        lesion_key(replace(lesion, mask=mask), settings),
        lesion_key(lesion, physical),
        lesion_key(replace(lesion, spacing_mm=(0.2, 0.4)), physical),
        lesion_key(lesion, RadiomicsSettings(preset="us2d-native")),
        lesion_key(lesion, RadiomicsSettings(bin_width=6)),
        lesion_key(lesion, RadiomicsSettings(engine="stock")),
    ]
    module._versions.cache_clear()
    monkeypatch.setattr(module, "ENGINE_VERSION", "another")
    keys.append(lesion_key(lesion, settings))
    module._versions.cache_clear()
    assert len(set(keys)) == len(keys)


def test_the_key_does_not_change_with_the_name_or_an_unused_spacing():
    lesion, settings = speckle_lesion(), RadiomicsSettings()
    other = replace(lesion, lesion_id="other", spacing_mm=(0.1, 0.1))
    assert lesion_key(other, settings) == lesion_key(lesion, settings)


def test_the_command_line_reports_and_cleans_only_its_own_files(tmp_path, capsys):
    cache = FeatureCache(str(tmp_path))
    cache.store("ab" * 32, VALUES)
    cache.store("cd" * 32, VALUES)
    (tmp_path / "notes.txt").write_text("keep me")
    main(["--report", "--directory", str(tmp_path)])
    assert "2 lesions" in capsys.readouterr().out
    main(["--clean", "--directory", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_cleaning_an_absent_cache_is_no_error(tmp_path, capsys):
    main(["--clean", "--directory", str(tmp_path / "none")])
    assert "0 lesions" in capsys.readouterr().out


def test_the_command_finds_the_cache_of_the_project_without_a_word_on_stderr(tmp_path):
    project = tmp_path / "study"
    (project / "notebooks").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.kedro]\n")
    FeatureCache(str(project / ".cache" / "radiomics")).store("ab" * 32, VALUES)
    said = subprocess.run(
        [sys.executable, "-m", "spl_kedro.features.radiomics.cache", "--report"],
        cwd=project / "notebooks",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 lesions" in said.stdout
    assert said.stderr == ""
