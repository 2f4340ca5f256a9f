"""The training of one network."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from spl_kedro.features.deep.checkpoints import CheckpointStore
from spl_kedro.features.deep.folds import inner_split
from spl_kedro.features.deep.machine import autocast, choose_device, derive_seed
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.sources import BatchSource, split_network
from spl_kedro.reuse import note_reuse

#: What `note_reuse` counts of trainings.
EPOCHS = "epochs of networks"


@dataclass
class TrainedNetwork:
    """A trained network and how its training went.

    Attributes
    ----------
    name : str
        ``fold_0``, ``fold_1``, ... or ``refit``.
    state : dict of str to Tensor
        Weights on the CPU, with torchvision's names.
    curves : dict of str to list of float
        One value per epoch: training_loss, training_auc, learning_rate, images_per_second, and
        inner_loss, inner_auc where lesions were held back.
    seconds : float
        Time spent in the loop, over all resumptions.
    images : int
        Images the loop has trained on, repetitions counted.
    batch_size : int
        Batch size used.
    """

    name: str
    state: dict[str, Tensor]
    curves: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    images: int = 0
    batch_size: int = 0

    @property
    def images_per_second(self) -> float:
        """Images trained on per second."""
        return self.images / self.seconds if self.seconds else 0.0


def class_weights(labels: np.ndarray) -> Tensor:
    """Return weights inversely proportional to class size, with mean 1 over lesions."""
    counts = np.bincount(labels, minlength=2)
    return torch.tensor(len(labels) / (2 * counts), dtype=torch.float32)


def _build_optimizer(parameters: list[nn.Parameter], settings: DeepSettings):
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            parameters,
            settings.learning_rate,
            momentum=0.9,
            nesterov=True,
            weight_decay=settings.weight_decay,
            fused=True,
        )
    return torch.optim.AdamW(
        parameters, settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )


def _build_schedule(optimizer, steps: int, settings: DeepSettings):
    if settings.schedule == "one_cycle":
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, settings.learning_rate, total_steps=max(steps, 2)
        )
    if settings.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)


def _auc(labels: np.ndarray, scores: np.ndarray) -> float:
    return float(roc_auc_score(labels, scores)) if len(np.unique(labels)) == 2 else float("nan")


class NetworkTrainer:
    """Trains one network on some of the training lesions, epoch by epoch.

    Parameters
    ----------
    name : str
        Name of the network, part of every random seed.
    start : Module
        Common start; it is copied.
    source : BatchSource
        Batches of the training lesions.
    labels : ndarray of int, shape (n,)
        Labels of all lesions of the source.
    patients : ndarray of str, shape (n,)
        Their patients.
    rows : ndarray of int
        Lesions this network may learn from.
    settings : DeepSettings
        How to train.
    """

    def __init__(
        self,
        name: str,
        start: nn.Module,
        source: BatchSource,
        labels: np.ndarray,
        patients: np.ndarray,
        rows: np.ndarray,
        settings: DeepSettings,
    ) -> None:
        self.name, self.settings, self._source = name, settings, source
        self.device = choose_device(settings)
        fit, inner = inner_split(
            labels[rows],
            patients[rows],
            settings.inner_fraction,
            derive_seed(settings.seed, name, "inner") % 2**32,
        )
        self._labels = torch.from_numpy(labels.astype(np.int64)).to(self.device)
        self._fit = torch.from_numpy(rows[fit])
        self._inner = torch.from_numpy(rows[inner]).to(self.device)
        self.batch_size = min(settings.batch_size, len(fit))
        self._steps = len(fit) // self.batch_size
        self.network = copy.deepcopy(start).to(self.device)
        _, self._trained = split_network(self.network, settings)
        parameters = [p for p in self._trained.parameters() if p.requires_grad]
        self._optimizer = _build_optimizer(parameters, settings)
        self._schedule = _build_schedule(self._optimizer, self._steps * settings.epochs, settings)
        self._forward = torch.compile(self._trained) if settings.compile else self._trained
        weights = class_weights(labels[rows[fit]]) if settings.class_weights else None
        self._weights = None if weights is None else weights.to(self.device)
        self.epoch = 0
        self.curves: dict[str, list[float]] = {}
        self.seconds, self.images = 0.0, 0
        self._best: dict[str, Tensor] | None = None

    def run_epoch(self) -> None:
        """Train one epoch; its randomness depends on seed, name and epoch alone.

        The remainder that fills no batch is left out: another one every epoch.

        Raises
        ------
        FloatingPointError
            If the loss is no longer finite.
        """
        began = time.perf_counter()
        torch.manual_seed(derive_seed(self.settings.seed, self.name, "epoch", self.epoch))
        order = self._fit[torch.randperm(len(self._fit))].to(self.device)
        rate = self._optimizer.param_groups[0]["lr"]
        self._trained.train()
        losses, scores, used = [], [], []
        for rows in order[: self._steps * self.batch_size].split(self.batch_size):
            loss, logits = self._step(self._source.batch(rows, self.epoch), self._labels[rows])
            losses.append(loss)
            scores.append(logits)
            used.append(rows)
        self._record("training", torch.stack(losses), torch.cat(scores), torch.cat(used))
        self.curves.setdefault("learning_rate", []).append(rate)
        self.images += self._steps * self.batch_size
        self.epoch += 1
        if len(self._inner):
            self._watch_inner()
        spent = time.perf_counter() - began
        self.seconds += spent
        speed = self._steps * self.batch_size / spent
        self.curves.setdefault("images_per_second", []).append(speed)

    def _step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        with autocast(self.device, self.settings):
            logits = self._forward(images)
            loss = cross_entropy(
                logits,
                labels,
                weight=self._weights,
                label_smoothing=self.settings.label_smoothing,
            )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        self._schedule.step()
        return loss.detach().float(), logits.detach().float()

    def _record(self, part: str, losses: Tensor, logits: Tensor, rows: Tensor) -> None:
        loss = float(losses.mean())
        if not np.isfinite(loss):
            raise FloatingPointError(
                f"{self.name}: the {part} loss is {loss} in epoch {self.epoch}. Lower "
                "deep_features.learning_rate, or set precision to float32."
            )
        margin = (logits[:, 1] - logits[:, 0]).cpu().numpy()
        self.curves.setdefault(f"{part}_loss", []).append(loss)
        auc = _auc(self._labels[rows].cpu().numpy(), margin)
        self.curves.setdefault(f"{part}_auc", []).append(auc)

    @torch.no_grad()
    def _watch_inner(self) -> None:
        """Score the lesions held back and keep the weights if they have the lowest loss."""
        self._trained.eval()
        logits = torch.cat(
            [self._trained(self._source.clean(rows)) for rows in self._inner.split(64)]
        ).float()
        loss = cross_entropy(logits, self._labels[self._inner], weight=self._weights)
        self._record("inner", loss[None], logits, self._inner)
        history = self.curves["inner_loss"]
        if history[-1] <= min(history):
            self._best = _cpu_copy(self.network.state_dict())

    @property
    def finished(self) -> bool:
        """Whether all epochs are done or the inner loss has stopped falling."""
        history = self.curves.get("inner_loss", [])
        stale = len(history) - 1 - int(np.argmin(history)) if history else 0
        return self.epoch >= self.settings.epochs or stale >= self.settings.patience

    def result(self) -> TrainedNetwork:
        """Return the trained network: the best by inner loss, else the last."""
        state = self._best if self._best is not None else _cpu_copy(self.network.state_dict())
        return TrainedNetwork(
            self.name, state, self.curves, self.seconds, self.images, self.batch_size
        )

    def state_dict(self) -> dict[str, Any]:
        """Return all that the next epoch depends on."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "epoch": self.epoch,
            "curves": self.curves,
            "seconds": self.seconds,
            "images": self.images,
            "best": self._best,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a stored state."""
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.epoch, self.curves, self._best = state["epoch"], state["curves"], state["best"]
        self.seconds, self.images = state["seconds"], state["images"]


def _cpu_copy(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in state.items()}


def train_network(
    trainer: NetworkTrainer, store: CheckpointStore, progress: tqdm
) -> TrainedNetwork:
    """Run a trainer to its end, from where an interrupted one stopped.

    Parameters
    ----------
    trainer : NetworkTrainer
        A fresh trainer.
    store : CheckpointStore
        Holds the state after each epoch, and the result once there is one.
    progress : tqdm
        Bar that counts epochs.

    Returns
    -------
    TrainedNetwork
    """
    name = f"{trainer.name}-batch{trainer.batch_size}"
    kept = store.load(f"{name}-finished")
    if kept is not None:
        note_reuse(EPOCHS, trainer.settings.epochs, trainer.settings.epochs)
        progress.update(trainer.settings.epochs)
        return TrainedNetwork(**kept)
    kept = store.load(name)
    if kept is not None:
        trainer.load_state_dict(kept)
        progress.update(trainer.epoch)
    note_reuse(EPOCHS, trainer.epoch, trainer.settings.epochs)
    while not trainer.finished:
        trainer.run_epoch()
        progress.update(1)
        progress.set_postfix_str(
            f"{trainer.name} loss {trainer.curves['training_loss'][-1]:.3f}", refresh=False
        )
        if not trainer.finished:
            store.save(name, trainer.state_dict())
    result = trainer.result()
    store.save(f"{name}-finished", dict(vars(result)))
    store.discard(name)
    return result


def discard_training(network: TrainedNetwork, store: CheckpointStore) -> None:
    """Remove what was stored of a finished network, which nobody needs any longer."""
    store.discard(f"{network.name}-batch{network.batch_size}-finished")
    store.discard(f"activations of {network.name}")
