"""Tables as folders of parquet files."""

import fsspec
import numpy as np
import pandas as pd
import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, DatasetError
from tests.projects import ROOT, make_project

from spl_kedro.datasets.table_parts import TablePartsDataset
from spl_kedro.settings import CONFIG_LOADER_ARGS

TABLES = {
    "by lesion": pd.DataFrame(
        np.arange(21.0).reshape(7, 3), columns=list("abc"),
        index=pd.Index([f"L{k}" for k in range(7)], name="lesion_id", dtype="str"),
    ),
    "numbered": pd.DataFrame(
        {"model": ["rad", "dtl"] * 3, "fold": range(6), "note": [None, *["x"] * 5]}
    ).astype({"model": "str", "note": "str"}),
    "empty": pd.DataFrame({"lesion_id": ["L1"], "fold": [1]}).astype({"lesion_id": "str"}).iloc[:0],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_a_table_is_the_same_in_any_number_of_parts(tmp_path, name, rows):
    dataset = TablePartsDataset(path=tmp_path.as_uri(), rows=rows)
    dataset.save(TABLES[name])
    assert len(list(tmp_path.iterdir())) == max(-(-len(TABLES[name]) // rows), 1)
    pd.testing.assert_frame_equal(dataset.load(), TABLES[name])
    whole = tmp_path / "whole.parquet"
    TABLES[name].to_parquet(whole)
    pd.testing.assert_frame_equal(dataset.load(), pd.read_parquet(whole))


def test_parts_of_an_earlier_table_go_and_other_files_stay(tmp_path):
    dataset = TablePartsDataset(path=tmp_path.as_posix(), rows=2)
    (tmp_path / "notes.txt").touch()
    for name in ("by lesion", "empty"):
        dataset.save(TABLES[name])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "part-00000.parquet"]


def test_a_folder_without_parts_is_no_table(tmp_path):
    dataset = TablePartsDataset(path=tmp_path.as_posix())
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="no part of the table"):
        dataset.load()
    with pytest.raises(DatasetError, match="at least 1"):
        TablePartsDataset(path=tmp_path.as_posix(), rows=0)


def test_the_catalog_of_the_docs_stores_feature_tables_in_parts_under_any_address(tmp_path):
    project = make_project(tmp_path)
    page = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
    (catalog,) = (block for block in blocks if "TablePartsDataset" in block)
    (project / "conf/study/globals.yml").write_text("data: memory://bucket/study\n")
    written = project / "conf/study/catalog.yml"
    written.write_text(written.read_text() + catalog)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", "s3://bucket/files")
        loader = OmegaConfigLoader(str(project / "conf"), env="study", **CONFIG_LOADER_ARGS)
        found = DataCatalog.from_config(loader["catalog"])
    names = [name for name in yaml.safe_load(catalog) if name.startswith("{source}")]
    assert len(names) >= 4
    for name in names:
        table = name.replace("{source}", "radiomics").replace("{protocol}", "as_published")
        dataset = found.get(table)
        assert isinstance(dataset, TablePartsDataset), table
        dataset.save(TABLES["by lesion"])
        pd.testing.assert_frame_equal(found.load(table), TABLES["by lesion"])
    assert found.get("cohort_table")._describe()["filepath"] == "s3://bucket/files/cohort.csv"
    stored = fsspec.filesystem("memory").find("/bucket/study")
    assert len(stored) == len(names)
    fsspec.filesystem("memory").rm("/bucket", recursive=True)
