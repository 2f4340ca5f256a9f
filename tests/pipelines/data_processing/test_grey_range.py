"""A cohort of 12-bit images in 16-bit files, measured once its range is stated."""

import numpy as np
import pandas as pd
from tests.matrix.hospital import write_hospital
from tests.matrix.kinds import Register
from tests.projects import kedro, make_project


def test_a_stated_range_repairs_deep_images_and_leaves_those_of_8_bits(tmp_path, monkeypatch):
    kind = Register("Grey range")

    @kind("a known grey range")
    def beyond_the_range(case):
        case.image(case.grey.astype(np.uint16) * 257), case.outline()

    for number in range(4):

        @kind(name=f"png_of_12_bits_{number}")
        def deep(case):
            pixels = case.grey.astype(np.uint16) * 16
            case.image(pixels), case.outline()
            case.grey = pixels * (255 / 4095)

        @kind(name=f"png_of_8_bits_{number}")
        def plain(case):
            case.image(), case.outline()

    cases = write_hospital(tmp_path / "hospital", kind.kinds)
    project = make_project(tmp_path / "project")
    settings = project / "conf/study/parameters_data_processing.yml"
    settings.write_text(settings.read_text().replace("range: format", "range: [0, 4095]"))
    monkeypatch.setenv("STUDY_DIR", str(tmp_path / "hospital"))
    finished = kedro(project, "run", "--env", "study", "--pipelines", "data_processing")
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    primary = project / "data/study/03_primary"
    findings = pd.read_parquet(primary / "findings/data_processing.parquet")
    quarantine = findings[findings["action"] == "quarantined"].set_index("lesion_id")
    assert quarantine["rule"].to_dict() == {"beyond_the_range": "a known grey range"}
    for name, case in cases.items():
        if name != "beyond_the_range":
            stored = np.load(primary / f"lesions/{name}.npz")["image"]
            np.testing.assert_allclose(stored, case.grey, atol=1e-6)
