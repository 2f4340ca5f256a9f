"""The exported file gives the embedding that torch gives."""

import sys

import numpy as np
import pytest
import torch

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings, build_network, embed
from spl_kedro.features.deep import onnx_export as module
from spl_kedro.features.deep.embedding import calibrate_normalisation
from spl_kedro.features.deep.onnx_export import INPUT, OUTPUT, export_onnx
from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.features.deep.preprocessing import to_input, to_unit

SIZE = 64
BACKBONES = [
    ("efficientnet_lite0", "packaged", "depths", "ignore"),
    ("resnet18", "none", "last", "channel"),
    ("resnet50", "none", "last", "background"),
]


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    """20 crops: a dark disc in speckle, and its outline."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    radius = rng.uniform(10, 28, size=(20, 1, 1))
    mask = (rows - SIZE / 2) ** 2 + (columns - SIZE / 2) ** 2 < radius**2
    grey = np.clip(rng.rayleigh(1, mask.shape) * np.where(mask, 60, 120), 0, 255)
    return np.stack([grey, mask * 255], axis=1).astype(np.uint8)


def session(path):
    runtime = pytest.importorskip("onnxruntime", reason="no onnxruntime (the extra serving)")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(("architecture", "weights", "pooling", "outline"), BACKBONES)
def test_the_file_gives_the_embedding_of_the_network_in_batches_of_any_size(
    crops, tmp_path, architecture, weights, pooling, outline
):
    onnx = pytest.importorskip("onnx", reason="no onnx (the extra serving)")
    settings = DeepSettings(
        architecture=architecture,
        weights=weights,
        pooling=pooling,
        outline=outline,
        image_size=SIZE,
        trained_blocks=0,
        threads=1,
        device="cpu",
    )
    network = build_network(settings)
    expected, _ = embed(network, crops, settings)
    path = export_onnx(network, settings, tmp_path / "new" / "network.onnx")
    assert [file.name for file in path.parent.iterdir()] == ["network.onnx"]
    running = session(path)
    (taken,), (given,) = running.get_inputs(), running.get_outputs()
    assert (taken.name, taken.type, taken.shape[1:]) == (INPUT, "tensor(uint8)", [2, SIZE, SIZE])
    assert (given.name, given.type) == (OUTPUT, "tensor(float)")
    scale = np.abs(expected).max()
    assert scale > 0.5
    for rows in (slice(None), slice(0, 1), slice(7, 14)):
        (found,) = running.run(None, {INPUT: crops[rows]})
        assert found.shape == expected[rows].shape
        assert np.abs(found - expected[rows]).max() <= 1e-5 * scale
    told = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
    assert told["architecture"] == architecture
    assert told["image_size"] == str(SIZE)
    assert told["outline"] == outline


@torch.no_grad()
def test_where_rounding_grows_the_file_is_as_close_to_double_precision_as_torch(crops, tmp_path):
    # Random weights with the statistics of the crops: batches of another size differ by 5e-5 too.
    pytest.importorskip("onnx", reason="no onnx (the extra serving)")
    settings = DeepSettings(architecture="resnet50", image_size=SIZE, threads=1, device="cpu")
    network = build_network(settings)
    calibrate_normalisation(network, crops, settings)
    expected, _ = embed(network, crops, settings)
    running = session(export_onnx(network, settings, tmp_path / "network.onnx"))
    (found,) = running.run(None, {INPUT: crops})
    images = to_input(to_unit(torch.from_numpy(crops)), settings).double()
    exact = pool_batch(network.double(), images, settings.pooling)[0].numpy()
    assert np.abs(found - exact).max() <= 2 * np.abs(expected - exact).max()
    assert np.abs(found - exact).max() <= 2e-4 * np.abs(exact).max()


def test_a_weights_file_is_named_without_its_folder(tmp_path):
    onnx = pytest.importorskip("onnx", reason="no onnx (the extra serving)")
    settings = DeepSettings(architecture="resnet18", image_size=32)
    network = build_network(settings)
    torch.save(network.state_dict(), tmp_path / "own.pt")
    own = settings.model_copy(update={"weights": str(tmp_path / "own.pt")})
    path = export_onnx(network, own, tmp_path / "own.onnx")
    told = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
    assert told["weights"] == "own.pt"
    assert str(tmp_path).encode() not in path.read_bytes()


def test_an_export_that_fails_leaves_the_file_before(tmp_path, monkeypatch):
    pytest.importorskip("onnx", reason="no onnx (the extra serving)")
    path = tmp_path / "network.onnx"
    path.write_bytes(b"before")

    def fail(model, arguments, file, **options):
        with open(file, "wb") as begun:
            begun.write(b"half of it")
        raise RuntimeError("disk full")

    monkeypatch.setattr(torch.onnx, "export", fail)
    settings = DeepSettings(architecture="resnet18", image_size=32)
    with pytest.raises(RuntimeError, match="disk full"):
        export_onnx(build_network(settings), settings, path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "onnx", raising=False)
    settings = DeepSettings(architecture="resnet18", image_size=32)
    with pytest.raises(UnusableStudyError, match=r"spl_kedro\[serving\]"):
        export_onnx(build_network(settings), settings, tmp_path / "network.onnx")
