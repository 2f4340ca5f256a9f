"""Maps of a frozen network come from the signature's own gradient."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.svm import SVC

from spl_kedro.explainability.gradcam import saliency_maps
from spl_kedro.explainability.map_sources import FrozenSignatures
from spl_kedro.explainability.sanity import cascading_randomisation, head_agreement
from spl_kedro.explainability.signature_network import (
    Linear,
    SignatureHead,
    SignatureNetwork,
    log_odds,
    selected_components,
)
from spl_kedro.features.deep import DeepSettings, EmbeddingReducer, build_network
from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.reduction import SourceReduction

DEEP = DeepSettings(
    architecture="efficientnet_lite0", weights="packaged", trained_blocks=0, pooling="depths",
    image_size=32, threads=1, components=6,
)  # fmt: skip
LAYER = "features.3"


def spots(n: int, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Return noise with a spot somewhere, wide in one class and narrow in the other."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    rows, columns = np.mgrid[:32, :32]
    images = random.normal(scale=0.15, size=(n, 32, 32))
    for image, label in zip(images, labels, strict=True):
        row, column = random.integers(8, 24, size=2)
        image += 2 * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (9 if label else 2))
    return torch.tensor(np.repeat(images[:, None], 3, axis=1), dtype=torch.float32), labels


def signature_of(embeddings: pd.DataFrame, labels: pd.Series) -> FeatureSignature:
    """Fit the DTL signature, whose first step finds the components."""
    columns = list(embeddings.columns)
    reduction = SourceReduction({"deep": columns}, {"deep": 6}, {"deep": "dtl_"})
    return FeatureSignature(columns, cv=3, reduction=reduction).fit(embeddings, labels)


@pytest.fixture(scope="module")
def fitted():
    """(backbone, embeddings, labels, signature) of 64 images."""
    torch.set_num_threads(1)
    backbone = build_network(DEEP).eval()
    images, labels = spots(64, seed=0)
    with torch.no_grad():
        values = pool_batch(backbone, images, "depths")[0].numpy()
    index = pd.Index([f"SPL{i:02d}" for i in range(64)], name="lesion_id")
    embeddings = pd.DataFrame(values, index, [f"deep_{i:04d}" for i in range(values.shape[1])])
    labels = pd.Series(labels, index)
    return backbone, embeddings, labels, signature_of(embeddings, labels)


@pytest.fixture(scope="module")
def source(fitted):
    backbone, embeddings, labels, signature = fitted
    folds = pd.Series(np.arange(64) // 2 % 2, labels.index)
    kept = {fold: labels.index[folds != fold] for fold in (0, 1)}
    of_folds = {f: signature_of(embeddings.loc[ids], labels[ids]) for f, ids in kept.items()}
    networks = {"frozen": backbone.state_dict()}
    return FrozenSignatures(networks, embeddings, labels, signature, of_folds, folds, DEEP)


def test_the_network_gives_the_signatures_own_score(fitted, source):
    _, embeddings, _, signature = fitted
    images, _ = spots(64, seed=0)
    probability = signature.predict_proba(embeddings)[:, 1]
    with torch.no_grad():
        evidence = source.load("frozen")(images).numpy()
    np.testing.assert_allclose(evidence, np.log(probability / (1 - probability)), atol=1e-3)


def test_the_gradient_of_a_linear_score_is_its_weights(fitted):
    _, embeddings, _, signature = fitted
    reducer = EmbeddingReducer(6).fit(embeddings)
    head = SignatureHead(reducer, selected_components(signature), log_odds(signature))
    values = torch.tensor(embeddings.to_numpy()[:3], requires_grad=True)
    head(values).sum().backward()
    classifier = signature.classifier_
    scaler = classifier.model_.calibrated_classifiers_[0].estimator[0]
    slope = -classifier.sigmoid().a_ * classifier.weights_ / scaler.scale_
    expected = slope @ reducer.components_[selected_components(signature)]
    np.testing.assert_allclose(values.grad[1], expected, rtol=1e-5, atol=1e-9)


def test_the_gradient_of_a_curved_score_follows_the_lesion(fitted):
    _, embeddings, labels, _ = fitted
    reducer = EmbeddingReducer(3).fit(embeddings)
    reduced = reducer.transform(embeddings).to_numpy()
    curved = SVC(gamma=0.1 / reduced.var()).fit(reduced, labels)
    head = SignatureHead(reducer, np.arange(3), curved.decision_function)
    inputs = torch.tensor(embeddings.to_numpy()[:2], requires_grad=True)
    head(inputs).sum().backward()
    gradient = inputs.grad.numpy() @ reducer.components_.T
    step = 1e-5 * np.eye(3)
    for lesion in (0, 1):
        around = curved.decision_function(reduced[lesion] + step)
        exact = (around - curved.decision_function(reduced[lesion] - step)) / 2e-5
        cosine = gradient[lesion] @ exact / np.linalg.norm(gradient[lesion]) / np.linalg.norm(exact)
        assert cosine > 0.9
    assert not np.allclose(gradient[0], gradient[1])


def test_a_map_is_the_activation_weighted_by_the_signatures_gradient(fitted, source):
    images, _ = spots(4, seed=1)
    network = source.load("frozen")
    found = saliency_maps(network, LAYER, images, np.ones(4))
    kept = []
    block = network.backbone.get_submodule(LAYER)
    handle = block.register_forward_hook(lambda module, inputs, output: kept.append(output))
    evidence = network(images.clone().requires_grad_(True)).sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(evidence, kept[0])
    weighted = (gradient.mean(dim=(2, 3), keepdim=True) * kept[0]).sum(1, keepdim=True).relu()
    expected = torch.nn.functional.interpolate(
        weighted, size=(32, 32), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(found, expected[:, 0].detach().numpy(), rtol=1e-3, atol=1e-6)
    assert found.max() > 0


def test_a_training_lesion_is_mapped_with_the_signature_that_left_it_out(source):
    assert source.names("SPL02") == ("frozen, signature without fold 1",)
    assert source.names("SPL99") == source.names_of_unseen() == ("frozen",)
    assert len(source.left_out("frozen")) == 64
    images, _ = spots(2, seed=1)
    with torch.no_grad():
        scores = [source.load(*source.names(name))(images) for name in ("SPL00", "SPL02")]
    assert not torch.allclose(*scores)


def test_a_signature_without_a_score_gives_way_to_a_logistic_regression(fitted, caplog):
    backbone, embeddings, labels, signature = fitted
    blind = copy.deepcopy(signature)
    blind.classifier_ = None
    none = pd.Series(dtype="int64")
    source = FrozenSignatures(
        {"frozen": backbone.state_dict()}, embeddings, labels, blind, {}, none, DEEP
    )
    network = source.load("frozen")
    assert isinstance(network.head.score, Linear)
    assert "logistic regression on all components" in caplog.text
    images, truth = spots(64, seed=0)
    with torch.no_grad():
        evidence = network(images).numpy()
    assert evidence[truth == 1].mean() > evidence[truth == 0].mean()


def test_random_weights_and_a_random_head_change_the_maps(source):
    images, labels = spots(6, seed=1)
    steps = cascading_randomisation([source.load("frozen")], LAYER, images, labels)
    assert list(steps["randomised"][:3]) == ["none", "head", "features.17"]
    correlation = steps.set_index("randomised")["correlation"]
    assert correlation["none"] == pytest.approx(1)
    assert correlation["head"] < 0.9
    assert abs(correlation["features.0"]) < 0.6


def test_heads_that_learned_shuffled_labels_agree_less_in_their_maps(source):
    known, labels = spots(64, seed=2)
    unseen, truth = spots(16, seed=3)
    random = np.random.default_rng(0)
    labellings = [labels, *(random.permutation(labels) for _ in range(3))]
    heads = head_agreement(source.load("frozen"), LAYER, known, labellings, unseen, truth)
    true, shuffled = heads.iloc[0], heads.iloc[1:]
    assert isinstance(source.load("frozen"), SignatureNetwork)
    assert true["auc"] > shuffled["auc"].mean() + 0.2
    assert true["agreement"] > shuffled["agreement"].mean() + 0.2
