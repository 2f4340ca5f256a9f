import subprocess

import pandas as pd

from spl_kedro.provenance import cohort_checksum, git_state


def _cohort(**changed):
    columns = {"image_sha256": ["a", "b"], "label": [0, 1], "cohort": ["training", "validation"]}
    return pd.DataFrame(
        columns | {"age": [60, 70]} | changed, index=pd.Index(["L1", "L2"], name="lesion_id")
    )


def test_the_checksum_follows_images_labels_and_split_and_nothing_else():
    first = cohort_checksum(_cohort())
    assert cohort_checksum(_cohort().iloc[::-1]) == first
    assert cohort_checksum(_cohort(age=[1, 2])) == first
    for name, values in [
        ("image_sha256", ["a", "c"]),
        ("label", [1, 1]),
        ("cohort", ["training", "external"]),
    ]:
        assert cohort_checksum(_cohort(**{name: values})) != first


def test_a_folder_outside_any_repository_has_no_state(tmp_path):
    assert git_state(tmp_path) == {}


def test_the_commit_is_named_and_a_change_since_is_said(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    clean = git_state(tmp_path)
    assert len(clean["git_commit"]) == 40
    assert clean["git_dirty"] == "false"
    (tmp_path / "new.txt").write_text("x")
    assert git_state(tmp_path) == clean | {"git_dirty": "true"}


def test_the_settings_of_a_study_of_ones_own_are_no_change_of_the_code(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for settings in ("base", "mine"):
        (tmp_path / "conf" / settings).mkdir(parents=True)
        (tmp_path / "conf" / settings / "globals.yml").write_text("data: data")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "conf/base"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    assert git_state(tmp_path)["git_dirty"] == "false"
    (tmp_path / "conf/base/globals.yml").write_text("data: other")
    assert git_state(tmp_path)["git_dirty"] == "true"
