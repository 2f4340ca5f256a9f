"""Deep-transfer-learning features: networks trained and embedded without leakage."""

from spl_kedro.features.deep.crossfit import (
    REFIT,
    common_start,
    embed_cohort,
    fold_name,
    train_networks,
)
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.folds import assign_folds
from spl_kedro.features.deep.network import build_network, last_convolution, load_network
from spl_kedro.features.deep.preprocessing import crop_all, network_input
from spl_kedro.features.deep.pretraining import PretrainingSettings, crop_labelled, pretrain
from spl_kedro.features.deep.records import training_records, unseen_lesions
from spl_kedro.features.deep.reduction import reduce_embeddings
from spl_kedro.features.deep.settings import AugmentationSettings, DeepSettings
from spl_kedro.features.deep.training import TrainedNetwork
from spl_kedro.features.deep.weights import WeightsError

__all__ = [
    "REFIT",
    "AugmentationSettings",
    "DeepSettings",
    "PretrainingSettings",
    "TrainedNetwork",
    "WeightsError",
    "assign_folds",
    "build_network",
    "common_start",
    "crop_all",
    "crop_labelled",
    "embed",
    "embed_cohort",
    "fold_name",
    "last_convolution",
    "load_network",
    "network_input",
    "pretrain",
    "reduce_embeddings",
    "train_networks",
    "training_records",
    "unseen_lesions",
]
