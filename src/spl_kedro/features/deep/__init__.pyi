from .backbones import (
    BACKBONES,
    WeightsError,
    backbone_facts,
    backbone_line,
    missing_weights,
    require_weights,
)
from .checksums import network_checksums
from .crossfit import (
    REFIT,
    common_start,
    embed_cohort,
    train_networks,
)
from .embedding import embed
from .folds import assign_folds
from .frozen import FROZEN, embed_frozen, frozen_network
from .nested_networks import embed_nested, embed_unsealed
from .nesting import (
    ALL,
    context_name,
    embed_context,
    final_context,
    fold_name,
    nested_contexts,
    no_embeddings,
)
from .network import build_network, last_convolution, load_network
from .preprocessing import crop_all, network_input
from .pretraining import crop_labelled, pretrain
from .records import frozen_record, training_records, unseen_lesions
from .reduction import EmbeddingReducer, fit_reducer, reduce_embeddings
from .settings import AugmentationSettings, DeepSettings, PretrainingSettings
from .training import TrainedNetwork
from .unseen import embed_unseen, names_of_unseen, unseen_axes

__all__ = [
    "ALL",
    "BACKBONES",
    "FROZEN",
    "REFIT",
    "AugmentationSettings",
    "DeepSettings",
    "EmbeddingReducer",
    "PretrainingSettings",
    "TrainedNetwork",
    "WeightsError",
    "assign_folds",
    "backbone_facts",
    "backbone_line",
    "build_network",
    "common_start",
    "context_name",
    "crop_all",
    "crop_labelled",
    "embed",
    "embed_cohort",
    "embed_context",
    "embed_frozen",
    "embed_nested",
    "embed_unsealed",
    "embed_unseen",
    "final_context",
    "fit_reducer",
    "fold_name",
    "frozen_network",
    "frozen_record",
    "last_convolution",
    "load_network",
    "missing_weights",
    "names_of_unseen",
    "nested_contexts",
    "network_checksums",
    "network_input",
    "no_embeddings",
    "pretrain",
    "reduce_embeddings",
    "require_weights",
    "train_networks",
    "training_records",
    "unseen_axes",
    "unseen_lesions",
]
