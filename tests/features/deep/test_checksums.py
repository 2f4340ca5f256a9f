import torch

from spl_kedro.features.deep.checksums import network_checksums


def state(value=1.0):
    return {"weight": torch.full((2, 3), value), "count": torch.tensor(4)}


def test_equal_weights_have_one_checksum_loaded_or_not():
    found = network_checksums({"refit": state(), "fold_0": lambda: state()})
    assert list(found) == ["fold_0", "refit"]
    assert found["fold_0"] == found["refit"]
    assert len(found["refit"]) == 64


def test_another_value_name_or_shape_gives_another():
    changed = [
        state(),
        state(1.0 + 1e-6),
        {"weights": state()["weight"], "count": torch.tensor(4)},
        {"weight": state()["weight"].T, "count": torch.tensor(4)},
    ]
    found = network_checksums({str(i): one for i, one in enumerate(changed)})
    assert len(set(found.values())) == 4
