"""A frozen network with a fitted signature as its head, so that a score has a gradient.

The signature reads principal components of the pooled embedding. Its score is taken as it is,
from whatever classifier it holds; its gradient with respect to the components is measured by
central differences at each lesion (exact where the score is linear) and handed on through
components and pooled blocks to the maps.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.features.deep.reduction import EmbeddingReducer

# Of a component's standard deviation: far above rounding, within reach of the training lesions.
_STEP = 0.25
_NEVER = 1e-12

Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def log_odds(model: Any) -> Score | None:
    """Return a signature's score as a function of its selected inputs.

    Parameters
    ----------
    model : FeatureSignature
        Fitted on ``dtl_*`` columns.

    Returns
    -------
    callable or None
        Maps (n, n_selected) inputs to the log-odds of malignancy, which for a calibrated linear
        classifier are linear in them; None where the signature kept no feature or gives every
        lesion the training prevalence.
    """
    classifier = getattr(model, "classifier_", None)
    if classifier is None or classifier.fallback_ is not None:
        return None

    def score(inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        probability = classifier.predict_proba(inputs)[:, 1].clip(_NEVER, 1 - _NEVER)
        return np.log(probability / (1 - probability))

    return score


def selected_components(model: Any) -> NDArray[np.int64]:
    """Return the numbers of the components a signature selected, in the order of its inputs."""
    return np.array([int(name.removeprefix("dtl_")) for name in model.selected_features_])


class SignatureHead(nn.Module):
    """From pooled embedding to the signature's score.

    Parameters
    ----------
    reducer : EmbeddingReducer
        Fitted; makes the components.
    selected : ndarray of int, shape (k,)
        Components the score reads.
    score : callable
        Maps ndarray (n, k) to ndarray (n,); larger is more malignant.
    """

    mean: Tensor
    components: Tensor
    scale: Tensor

    def __init__(self, reducer: EmbeddingReducer, selected: NDArray[np.int64], score: Score):
        super().__init__()
        rows = reducer.components_[selected]
        self.register_buffer("mean", torch.from_numpy(reducer.mean_))
        self.register_buffer("components", torch.from_numpy(rows))
        spread = np.sqrt(reducer.explained_variance_[selected])
        self.register_buffer("scale", torch.from_numpy(spread))
        self.score = score

    def inputs(self, embedding: Tensor) -> Tensor:
        """Return the selected components of pooled embeddings, shape (n, k), float64."""
        reduced: Tensor = (embedding.double() - self.mean) @ self.components.T
        return reduced

    def forward(self, embedding: Tensor) -> Tensor:
        """Return the score, shape (n,)."""
        inputs = self.inputs(embedding)
        found: Tensor = _Score.apply(inputs, self.score, self.scale)
        return found.to(embedding.dtype)

    def reset_parameters(self) -> None:
        """Put a random direction among the components in the score's place."""
        drawn = torch.randn(len(self.components), dtype=torch.float64) / self.scale
        self.score = Linear(drawn.numpy())


class Linear:
    """A weighted sum, as a score.

    Parameters
    ----------
    weights : ndarray of float, shape (k,)
    offset : float, default=0
    """

    def __init__(self, weights: NDArray[np.float64], offset: float = 0.0) -> None:
        self.weights, self.offset = weights, offset

    def __call__(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of (n, k) inputs, shape (n,)."""
        return inputs @ self.weights + self.offset


class _Score(torch.autograd.Function):
    """A score from outside torch, with its gradient by central differences."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, score: Score, scale: Tensor) -> Tensor:  # type: ignore[override]
        values, steps = inputs.detach().numpy(), _STEP * scale.numpy()
        n, k = values.shape
        moved = np.repeat(values[:, None], 2 * k, axis=1)
        each = np.arange(k)
        moved[:, each, each] += steps
        moved[:, k + each, each] -= steps
        around = score(moved.reshape(-1, k)).reshape(n, 2, k)
        ctx.gradient = torch.from_numpy((around[:, 0] - around[:, 1]) / (2 * steps))
        return torch.from_numpy(score(values))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return gradients[0][:, None] * ctx.gradient, None, None


class SignatureNetwork(nn.Module):
    """A frozen network and the signature that reads its pooled blocks, as one classifier.

    Parameters
    ----------
    backbone : Module
        Frozen; outputs two logits, which are not used.
    head : SignatureHead
    pooling : {"last", "depths"}
        As the embedding was pooled.
    """

    def __init__(self, backbone: nn.Module, head: SignatureHead, pooling: str) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.pooling = pooling

    def forward(self, images: Tensor) -> Tensor:
        """Return the signature's evidence for malignancy, shape (n,)."""
        evidence: Tensor = self.head(pool_batch(self.backbone, images, self.pooling)[0])
        return evidence

    def inputs(self, images: Tensor) -> Tensor:
        """Return what the signature reads, shape (n, k)."""
        return self.head.inputs(pool_batch(self.backbone, images, self.pooling)[0])

    def with_score(self, score: Score) -> SignatureNetwork:
        """Return a copy with another score of the same inputs."""
        clone = copy.deepcopy(self)
        clone.head.score = score
        return clone


def backbone_of(network: nn.Module) -> nn.Module:
    """Return the network whose blocks are mapped: the one behind a signature, or itself."""
    return network.backbone if isinstance(network, SignatureNetwork) else network
