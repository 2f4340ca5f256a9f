"""Outlines of other hands, from folders that the catalog names."""

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError
from PIL import Image

from spl_kedro.datasets.other_outlines import OtherOutlinesDataset

FOLDER = "spl_kedro.datasets.image_folder.ImageFolderDataset"
OUTLINE = "spl_kedro.datasets.image_folder.OutlineDataset"


@pytest.fixture
def drawn(tmp_path):
    """Two outlines as files, and a table of what those of three lesions are called."""
    for name, column in (("bus_1_mask", 1), ("bus_2_mask", 2)):
        pixels = np.zeros((6, 8), dtype=np.uint8)
        pixels[2:4, column:5] = 255
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    files = [("SPL1", "bus_1_mask.png"), ("SPL2", "bus_2_mask.png"), ("SPL3", "bus_3_mask.png")]
    table = tmp_path.parent / f"{tmp_path.name}_files.parquet"
    pd.DataFrame(files, columns=["lesion_id", "file"]).to_parquet(table)
    folder = {"type": FOLDER, "path": tmp_path.as_posix(), "dataset": OUTLINE, "read_only": True}
    return folder, {"type": "pandas.ParquetDataset", "filepath": table.as_posix()}


def test_outlines_are_found_by_the_table_of_their_files(drawn):
    folder, files = drawn
    found = OtherOutlinesDataset(sources={"machine": {"outlines": folder, "files": files}}).load()
    assert list(found["machine"]) == ["SPL1", "SPL2"]
    assert found["machine"]["SPL2"]().mask.sum() == 2 * 3


def test_outlines_that_are_called_as_their_lesions_need_no_table(drawn):
    found = OtherOutlinesDataset(sources={"a tool": {"outlines": drawn[0]}}).load()
    assert set(found["a tool"]) == {"bus_1_mask", "bus_2_mask"}


def test_a_hand_without_outlines_is_refused_by_name(drawn):
    with pytest.raises(DatasetError, match=r"other_outlines\.sources\.tool has no 'outlines'"):
        OtherOutlinesDataset(sources={"tool": {"files": drawn[1]}})
