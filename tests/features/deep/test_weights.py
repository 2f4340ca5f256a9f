from urllib.error import URLError

import pytest
import torch
import torchvision

from spl_kedro.features.deep import DeepSettings, WeightsError, build_network
from spl_kedro.features.deep import weights as weights_module
from spl_kedro.features.deep.backbones import file_sha256
from spl_kedro.features.deep.weights import imagenet_weights_path, load_weights_file


def settings(weights, architecture="resnet18") -> DeepSettings:
    return DeepSettings(architecture=architecture, image_size=32, weights=str(weights))


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """An empty torchvision cache on a machine without network."""

    def refuse(*args, **kwargs):
        raise URLError("no network")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    return tmp_path


def torchvision_state(seed=0):
    torch.manual_seed(seed)
    return torchvision.models.resnet18(weights=None).state_dict()


def test_cached_imagenet_weights_need_no_network_and_must_have_their_checksum(offline, monkeypatch):
    state = torchvision_state()
    path, _ = imagenet_weights_path("resnet18")
    path.parent.mkdir(parents=True)
    torch.save(state, path)
    with pytest.raises(WeightsError, match="expected is f37072fd"):
        build_network(settings("imagenet"))
    cached = path.with_stem(f"resnet18-{file_sha256(path)[:8]}")
    path.rename(cached)
    monkeypatch.setattr(weights_module, "imagenet_weights_path", lambda name: (cached, "address"))
    network = build_network(settings("imagenet"))
    assert torch.equal(network.layer3[0].conv1.weight, state["layer3.0.conv1.weight"])
    assert network.fc.weight.shape == (2, 512)


def test_imagenet_without_network_or_cache_says_which_file_to_put_where(offline):
    path, url = imagenet_weights_path("resnet18")
    with pytest.raises(WeightsError) as caught:
        build_network(settings("imagenet"))
    assert f"$TORCH_HOME/hub/checkpoints/{path.name}" in str(caught.value)
    assert str(path) not in str(caught.value), "a folder of this user"
    assert url in str(caught.value)
    assert "deep_features.architecture to efficientnet_lite0" in str(caught.value)


def test_a_weights_file_with_another_number_of_classes_is_used_but_for_its_head(tmp_path):
    state = torchvision_state(seed=5)
    torch.save(state, tmp_path / "own.pt")
    network = build_network(settings(tmp_path / "own.pt"))
    assert torch.equal(network.conv1.weight, state["conv1.weight"])


def test_a_trained_state_of_ours_is_used_with_its_head(tmp_path):
    state = build_network(DeepSettings(architecture="resnet18", image_size=32, seed=8)).state_dict()
    torch.save(state, tmp_path / "own.pt")
    network = build_network(settings(tmp_path / "own.pt"))
    assert torch.equal(network.fc.weight, state["fc.weight"])


def test_a_file_of_another_architecture_names_file_and_expectation(tmp_path):
    torch.save(torchvision_state(), tmp_path / "resnet18.pt")
    with pytest.raises(WeightsError, match=r"resnet18\.pt do not fit .* missing"):
        build_network(settings(tmp_path / "resnet18.pt", architecture="densenet121"))


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04 cut short"])
def test_a_damaged_file_names_file_and_expectation(tmp_path, content):
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"broken\.pt cannot be read.* Give a file"):
        load_weights_file(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"nowhere\.pt does not exist"):
        load_weights_file(tmp_path / "nowhere.pt")


class Trap:
    """Unpickles into a call, as malicious files do."""

    def __reduce__(self):
        return print, ("code from the file ran",)


def test_code_in_a_weights_file_is_refused_and_not_run(tmp_path, capsys):
    torch.save({"conv1.weight": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_weights_file(tmp_path / "trap.pt")
    assert "ran" not in capsys.readouterr().out


def test_a_file_without_named_tensors_is_refused(tmp_path):
    torch.save({"epoch": 3}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="holds no state dict"):
        load_weights_file(tmp_path / "other.pt")


def test_names_of_another_library_are_turned_into_the_networks(tmp_path):
    state = torchvision_state(seed=6)
    kept = {k: v for k, v in state.items() if "fc." not in k and "batches_tracked" not in k}
    theirs = {f"encoder.{name}": tensor for name, tensor in kept.items()}
    torch.save(theirs | {"projection.weight": torch.zeros(4)}, tmp_path / "theirs.pt")
    keys = {r"^encoder\.": "", r"^projection\..*": ""}
    chosen = settings(tmp_path / "theirs.pt").model_copy(update={"weights_keys": keys})
    assert torch.equal(build_network(chosen).conv1.weight, state["conv1.weight"])
    with pytest.raises(WeightsError, match="weights_keys"):
        build_network(settings(tmp_path / "theirs.pt"))


def test_a_file_with_another_checksum_than_asked_for_is_refused(tmp_path):
    torch.save(torchvision_state(), tmp_path / "own.pt")
    chosen = settings(tmp_path / "own.pt").model_copy(update={"weights_sha256": "0123abcd"})
    with pytest.raises(WeightsError, match=r"own\.pt has SHA-256 .* expected is 0123abcd"):
        build_network(chosen)
