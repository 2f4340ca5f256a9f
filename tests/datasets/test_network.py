import pytest
import torch
from kedro.io import DatasetError

from spl_kedro.datasets.network import NetworkStateDataset


def test_a_state_dict_comes_back_as_it_was_saved(tmp_path):
    dataset = NetworkStateDataset(filepath=str(tmp_path / "deeper" / "refit.pt"))
    state = {"conv1.weight": torch.arange(6.0).reshape(2, 3), "bn1.count": torch.tensor(4)}
    assert not dataset.exists()
    dataset.save(state)
    loaded = dataset.load()
    assert dataset.exists()
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[name], state[name]) for name in state)


@pytest.mark.parametrize("content", [b"", b"no weights"])
def test_a_damaged_file_is_named_with_the_remedy(tmp_path, content):
    (tmp_path / "refit.pt").write_bytes(content)
    with pytest.raises(DatasetError, match=r"(?s)refit\.pt is no readable.*deep_features pipeline"):
        NetworkStateDataset(filepath=str(tmp_path / "refit.pt")).load()
