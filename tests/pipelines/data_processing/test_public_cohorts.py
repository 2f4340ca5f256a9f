"""BUSI and BUS-BRA as published, by look-alikes from simulated patients and `kedro run`."""

import pandas as pd
import pytest
from tests.cohorts import busbra, busi
from tests.projects import kedro_sessions, make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("public") / "project")


def processed(project, env):
    ended = kedro_sessions(project, env, "data_processing")
    assert ended.returncode == 0, ended.stderr[-3000:]
    primary = project / f"data/{env}/03_primary"
    cohort = pd.read_parquet(primary / "cohort.parquet")
    return cohort, pd.read_parquet(primary / "findings/data_processing.parquet"), primary


@pytest.fixture(scope="module")
def of_busi(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("busi_files")
    names = busi(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUSI_DIR", str(folder))
        return names, *processed(project, "busi"), folder


def test_busi_has_a_lesion_for_each_image_of_either_folder(of_busi):
    names, cohort, findings, *_ = of_busi
    assert sorted(cohort.index) == sorted(names)
    assert cohort["label"].to_dict() == {n: int(n.startswith("malignant")) for n in names}
    # No patient is named: each image is its own.
    assert (cohort["patient_id"] == cohort.index).all()
    out = findings[findings["action"] == "quarantined"]
    assert dict(zip(out["lesion_id"], out["rule"], strict=True)) == dict.fromkeys(
        ["normal (1)", "normal (2)"], "benign or malignant by the reference standard"
    )


def test_busi_s_outlines_in_two_files_are_united(of_busi):
    import numpy as np
    from PIL import Image

    names, _, _, primary, folder = of_busi
    for name in names[:5]:
        word = name.split()[0]
        files = sorted((folder / word).glob(f"{name}_mask*.png"))
        whole = np.maximum.reduce([np.asarray(Image.open(file)) for file in files]) > 0
        (stored,) = (primary / "lesions").glob(f"{name}.*")
        assert len(files) == (2 if names.index(name) % 4 == 0 else 1)
        assert (np.load(stored)["mask"] > 0).sum() == whole.sum()


def test_busbra_s_images_and_outlines_are_tied_by_what_their_names_share(
    project, tmp_path, monkeypatch
):
    names = busbra(tmp_path)
    monkeypatch.setenv("BUSBRA_DIR", str(tmp_path))
    cohort, findings, primary = processed(project, "busbra")
    assert sorted(cohort.index) == sorted(names)
    assert cohort["patient_id"].nunique() == 9
    assert not (findings["action"] == "quarantined").any()
    assert cohort.groupby("patient_id")["cohort"].nunique().max() == 1
    columns = pd.read_parquet(primary.parent / "02_intermediate/column_audit.parquet")
    use = columns.set_index("column")["use"]
    assert set(use[["Histology", "BIRADS", "Device", "Side"]]) == {"excluded"}
