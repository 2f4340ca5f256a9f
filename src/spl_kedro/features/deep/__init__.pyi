from .backbones import BACKBONES, WeightsError, backbone_facts, backbone_line
from .crossfit import (
    REFIT,
    common_start,
    embed_cohort,
    fold_name,
    train_networks,
)
from .embedding import embed
from .folds import assign_folds
from .network import build_network, last_convolution, load_network
from .preprocessing import crop_all, network_input
from .pretraining import crop_labelled, pretrain
from .records import training_records, unseen_lesions
from .reduction import reduce_embeddings
from .settings import AugmentationSettings, DeepSettings, PretrainingSettings
from .training import TrainedNetwork

__all__ = [
    "BACKBONES",
    "REFIT",
    "AugmentationSettings",
    "DeepSettings",
    "PretrainingSettings",
    "TrainedNetwork",
    "WeightsError",
    "assign_folds",
    "backbone_facts",
    "backbone_line",
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
