"""Do the maps depend on what the network has learned? Two tests that can fail.

Cascading randomisation (Adebayo et al., NeurIPS 2018): weights are redrawn block by block from
the output down; a map that explains the network must change. Shuffled labels: a head that
learned noise must not give maps that agree between two independent halves of the lesions.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr, t
from sklearn.metrics import roc_auc_score
from torch import nn

from spl_kedro.explainability.gradcam import mean_maps, saliency_maps
from spl_kedro.explainability.head_fit import fit_head
from spl_kedro.explainability.signature_network import Linear, SignatureNetwork, backbone_of
from spl_kedro.features.deep.network import block_sequence, embed_batch, head_name

#: Coverage of the interval by which a map of random weights is judged.
CONFIDENCE = 0.95


def map_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Spearman's rank correlation of paired maps.

    Parameters
    ----------
    first, second : ndarray, shape (n, height, width)

    Returns
    -------
    ndarray, shape (n,)
        0 where a map is constant: it shares no structure with the other.
    """
    result = np.zeros(len(first))
    for index, (a, b) in enumerate(zip(first, second, strict=True)):
        if np.ptp(a) > 0 and np.ptp(b) > 0:
            result[index] = spearmanr(a.ravel(), b.ravel()).statistic
    return result


def cascading_randomisation(
    networks: Sequence[nn.Module],
    layer: str,
    images: torch.Tensor,
    targets: np.ndarray,
    *,
    method: str = "gradcam",
    seed: int = 0,
) -> pd.DataFrame:
    """Compare lesions' maps with those of ever more randomised copies of their networks.

    Parameters
    ----------
    networks : sequence of Module
        Those that map the lesions together; trained, not changed. All are randomised alike, each
        with weights of its own.
    layer, images, targets, method
        As in :func:`spl_kedro.explainability.gradcam.mean_maps`.
    seed : int
        Seed of the random weights.

    Raises
    ------
    ValueError
        If no lesion has a map.

    Returns
    -------
    DataFrame
        One row per step, in order: ``randomised`` (``"none"``, then blocks from the head down,
        each with all before it), ``correlation`` (mean rank correlation with the trained
        networks' map, over lesions that have one), ``correlation_low`` and
        ``correlation_high`` (quartiles over lesions),
        ``other_lesion`` (the same with the trained map of another lesion: what maps have in
        common without any network), ``excess`` (mean over lesions of the first minus the second)
        with its t interval ``excess_low`` and ``excess_high`` of coverage ``confidence``; NaN
        with a single lesion.
    """
    original = mean_maps(networks, layer, images, targets, method=method)
    # A lesion without any evidence for its class has no map that could change.
    mapped = np.ptp(original, axis=(1, 2)) > 0
    if not mapped.any():
        raise ValueError("every map is empty: the network finds no evidence in these lesions")
    original, images, targets = original[mapped], images[mapped], targets[mapped]
    others = np.roll(original, 1, axis=0)
    rows = [_step("none", original, original, others)]
    clones = [copy.deepcopy(network).cpu().eval() for network in networks]
    blocks = [_blocks(clone) for clone in clones]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name in reversed(blocks[0]):
            for of_clone in blocks:
                _redraw(of_clone[name])
            maps = mean_maps(clones, layer, images, targets, method=method)
            rows.append(_step(name, original, maps, others))
    return pd.DataFrame(rows)


def head_agreement(
    network: nn.Module,
    layer: str,
    known_images: torch.Tensor,
    labellings: Sequence[np.ndarray],
    images: torch.Tensor,
    image_labels: np.ndarray,
    *,
    method: str = "gradcam",
) -> pd.DataFrame:
    """Return how far two heads trained on different lesions agree in their maps.

    The lesions are halved, a logistic head is fitted to the network's pooled embedding (of a
    frozen network: to the components its signature reads) on each half, and both map evidence
    for malignancy. With informative labels the maps agree; with shuffled ones they agree no more
    than two random directions do. The network's blocks stay as they are: retraining them on
    noise would cost the study's whole training time again.

    Parameters
    ----------
    network, layer, method
        As in :func:`spl_kedro.explainability.gradcam.saliency_maps`.
    known_images : Tensor, shape (n, channels, height, width)
        What the heads learn from: best lesions that the network itself has not seen, whose
        embedding does not know their labels.
    labellings : sequence of ndarray of int, shape (n,)
        The true labels, shuffled ones, or several of either.
    images : Tensor, shape (m, channels, height, width)
        What is mapped.
    image_labels : ndarray of int, shape (m,)
        True labels, for the heads' AUC.

    Returns
    -------
    DataFrame
        One row for each labelling: ``agreement`` (mean rank correlation of the two heads' maps)
        and ``auc`` (mean AUC).
    """
    embedding = _embeddings(network, known_images)
    unseen = _embeddings(network, images)
    rows = []
    for labels in labellings:
        # Every other lesion of each class, so that both halves hold both.
        half = pd.Series(labels).groupby(labels).cumcount().to_numpy() % 2
        maps, aucs = [], []
        for part in (0, 1):
            weights, offset = fit_head(embedding[half == part], labels[half == part])
            clone = _with_head(network, weights, offset)
            maps.append(saliency_maps(clone, layer, images, np.ones(len(images)), method=method))
            aucs.append(roc_auc_score(image_labels, unseen @ weights + offset))
        rows.append(
            {"agreement": float(map_correlation(*maps).mean()), "auc": float(np.mean(aucs))}
        )
    return pd.DataFrame(rows)


def _step(
    name: str, original: np.ndarray, maps: np.ndarray, others: np.ndarray
) -> dict[str, float | str]:
    correlation = map_correlation(original, maps)
    other = map_correlation(others, maps)
    low, high = np.quantile(correlation, [0.25, 0.75])
    excess = correlation - other
    error = float(excess.std(ddof=1) / len(excess) ** 0.5) if len(excess) > 1 else np.nan
    reach = float(t.ppf(0.5 + CONFIDENCE / 2, max(len(excess) - 1, 1))) * error
    return {
        "randomised": name,
        "correlation": float(correlation.mean()),
        "correlation_low": float(low),
        "correlation_high": float(high),
        "other_lesion": float(other.mean()),
        "excess": float(excess.mean()),
        "excess_low": float(excess.mean()) - reach,
        "excess_high": float(excess.mean()) + reach,
        "confidence": CONFIDENCE,
    }


def _redraw(block: nn.Module) -> None:
    """Draw new weights, and forget the statistics that batch normalisation learned."""
    for module in block.modules():
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()


def _blocks(network: nn.Module) -> dict[str, nn.Module]:
    """Return the blocks to randomise by name, from input to output; a signature is the head."""
    blocks = dict(block_sequence(backbone_of(network)))
    if isinstance(network, SignatureNetwork):
        blocks["head"] = network.head
    return blocks


def _embeddings(network: nn.Module, images: torch.Tensor) -> np.ndarray:
    """Return what a head is fitted to: a signature's inputs, or the pooled embedding."""
    parts = []
    network.eval()
    with torch.no_grad():
        for start in range(0, len(images), 32):
            batch = images[start : start + 32]
            inputs = (
                network.inputs(batch)
                if isinstance(network, SignatureNetwork)
                else embed_batch(network, batch)[0]
            )
            parts.append(inputs.double().numpy())
    return np.concatenate(parts)


def _with_head(network: nn.Module, weights: np.ndarray, offset: float) -> nn.Module:
    if isinstance(network, SignatureNetwork):
        return network.with_score(Linear(weights, offset))
    clone = copy.deepcopy(network).eval()
    head = clone.get_submodule(head_name(clone))
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
        head.weight[1] = torch.as_tensor(weights, dtype=head.weight.dtype)
        head.bias[1] = offset
    return clone
