"""Every choice behind the deep features, typed, with its range and meaning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from spl_kedro.parameters import Settings


class AugmentationSettings(Settings):
    """How far a training crop may be changed; 0 switches a change off.

    Depth has a meaning in ultrasound (attenuation, shadows, posterior echo), so there is no
    vertical flip and rotation stays small.
    """

    horizontal_flip: float = Field(0.5, ge=0, le=1, description="probability of a mirror image")
    rotation: float = Field(8.0, ge=0, le=30, description="largest rotation, degrees")
    scale: float = Field(0.12, ge=0, le=0.5, description="largest relative change of size")
    shift: float = Field(0.06, ge=0, le=0.3, description="largest shift, fraction of the crop")
    gain: float = Field(0.12, ge=0, le=0.5, description="largest change of brightness, of 255")
    contrast: float = Field(0.2, ge=0, lt=1, description="largest relative change of contrast")
    speckle: float = Field(0.08, ge=0, le=1, description="largest SD of multiplicative noise")


class ViewSettings(Settings):
    """One crop of a lesion among several that a frozen network embeds."""

    margin: float | None = Field(
        None, ge=0, le=2, description="border around the lesion, of its side; null: deep's margin"
    )
    flip: bool = Field(False, description="mirror image, left to right")


class DeepSettings(Settings):
    """Settings of the deep-transfer-learning features."""

    seed: int = Field(0, ge=0, description="seed of initial weights, folds, order, augmentation")

    # What the network sees.
    image_size: int = Field(64, ge=32, le=1024, description="edge of the crop, pixels")
    margin: float = Field(0.15, ge=0, le=2, description="border around the lesion, of its side")
    outline: Literal["ignore", "channel", "background"] = Field(
        "ignore", description="outline unused, as third channel, or blacking what lies outside"
    )
    views: tuple[ViewSettings, ...] = Field(
        (), description="crops of a lesion that a frozen network embeds; none: one of the margin"
    )
    view_pooling: Literal["mean", "concatenate"] = Field(
        "mean", description="what becomes of the views' embeddings"
    )
    augmentation: AugmentationSettings = AugmentationSettings()

    # The network.
    architecture: str = Field(
        "resnet50",
        description="efficientnet_lite0, efficientnet_lite2, or a torchvision classifier",
    )
    weights: str = Field(
        "none", min_length=1, description="packaged, imagenet, none, or a weights file"
    )
    weights_sha256: str | None = Field(
        None,
        pattern="^[0-9a-fA-F]{8,64}$",
        description="of a weights file: its first digits or all",
    )
    weights_keys: dict[str, str] = Field(
        {}, description="of a weights file: regular expression to replacement, for its names"
    )
    trained_blocks: int | Literal["all"] = Field(
        "all", description="upper blocks trained; 0: none, the network is frozen and sees no label"
    )
    pooling: Literal["last", "depths"] = Field(
        "last", description="mean over the last block's map, or over every block's"
    )
    cached_views: int = Field(
        4, ge=1, le=64, description="augmented views cached per lesion when blocks are frozen"
    )

    # Training.
    epochs: int = Field(12, ge=1, le=1000, description="passes over the training lesions")
    batch_size: int = Field(32, ge=2, le=4096, description="lesions per step")
    optimizer: Literal["adamw", "sgd"] = Field("adamw", description="optimiser")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="highest learning rate")
    weight_decay: float = Field(0.05, ge=0, le=1, description="weight decay")
    schedule: Literal["one_cycle", "cosine", "constant"] = Field(
        "one_cycle", description="course of the learning rate"
    )
    label_smoothing: float = Field(0.1, ge=0, lt=0.5, description="share taken from the label")
    class_weights: bool = Field(True, description="weigh the classes inversely to their number")
    inner_fraction: float = Field(
        0.0, ge=0, lt=0.5, description="share of training patients held back for early stopping"
    )
    patience: int = Field(5, ge=1, le=1000, description="epochs without a lower inner loss")

    # From networks to features.
    folds: int = Field(3, ge=2, le=20, description="networks for cross-fitting")
    nested: bool = Field(
        True, description="train networks anew inside every outer fold of the signatures"
    )
    unseen_embedding: Literal["refit", "mean"] = Field(
        "mean", description="who embeds validation and external lesions: the refit or all folds"
    )
    alignment: Literal["procrustes", "none"] = Field(
        "procrustes", description="turn every network onto the axes of their common start"
    )
    components: int = Field(128, ge=1, le=4096, description="principal components kept")

    # The machine.
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: a GPU when present")
    precision: Literal["auto", "bf16", "float32"] = Field(
        "auto", description="arithmetic of the layers in training; auto: bf16 on a GPU alone"
    )
    threads: int = Field(2, ge=1, le=256, description="CPU threads; part of the result's identity")
    deterministic: bool = Field(True, description="same bytes on the same machine; off is faster")
    compile: bool = Field(False, description="torch.compile the network for training")
    checkpoints: str | None = Field(
        None, description="folder where interrupted training resumes from; null: no resuming"
    )

    @model_validator(mode="after")
    def _trained_blocks_positive(self) -> DeepSettings:
        if self.trained_blocks != "all" and self.trained_blocks < 0:
            raise ValueError('trained_blocks must be "all" or 0 or more (0: frozen)')
        return self

    @model_validator(mode="after")
    def _depths_of_one_network(self) -> DeepSettings:
        if self.pooling == "depths" and not self.frozen:
            raise ValueError(
                "pooling: depths needs a frozen network (trained_blocks: 0); networks of several "
                "folds are brought to common axes by their last block alone"
            )
        return self

    @model_validator(mode="after")
    def _views_of_one_network(self) -> DeepSettings:
        if self.views and not self.frozen:
            raise ValueError("views need a frozen network (trained_blocks: 0)")
        twice = [view for i, view in enumerate(self.views_taken) if view in self.views_taken[:i]]
        if twice:
            margin, flip = twice[0]
            raise ValueError(f"views names margin {margin:g}, flip {flip} twice")
        return self

    @property
    def views_taken(self) -> tuple[tuple[float, bool], ...]:
        """Margin and flip of every view; without `views` the one crop, not flipped."""
        named = self.views or (ViewSettings(),)
        return tuple(
            (self.margin if view.margin is None else view.margin, view.flip) for view in named
        )

    @property
    def further_margins(self) -> tuple[float, ...]:
        """Margins of the views other than `margin`, in order and each once."""
        return tuple(sorted({margin for margin, _ in self.views_taken} - {self.margin}))

    @property
    def frozen(self) -> bool:
        """Whether the network is used as its weights come, without any training."""
        return self.trained_blocks == 0

    @property
    def nests(self) -> bool:
        """Whether networks are trained anew inside every outer fold; never frozen ones."""
        return self.nested and not self.frozen


class PretrainingSettings(Settings):
    """How many simulated lesions to learn from, and how."""

    lesions: int = Field(2000, ge=20, le=10_000_000, description="simulated lesions to train on")
    test_lesions: int = Field(200, ge=10, le=1_000_000, description="further ones to test on")
    network: DeepSettings = Field(
        DeepSettings(), description="network and training; folds and components play no part"
    )

    @model_validator(mode="after")
    def _something_to_train(self) -> PretrainingSettings:
        if self.network.frozen:
            raise ValueError('network.trained_blocks must be "all" or 1 or more: it is to learn')
        return self
