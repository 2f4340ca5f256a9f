import numpy as np
import pytest
import torch

from spl_kedro.features.deep import DeepSettings, build_network
from spl_kedro.features.deep.machine import choose_device


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_is_used_when_present_and_agrees_with_the_processor():
    settings = DeepSettings(architecture="resnet18", image_size=32)
    assert choose_device(settings).type == "cuda"
    network = build_network(settings).eval()
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        processor = network(images).numpy()
        gpu = network.cuda()(images.cuda()).cpu().numpy()
    np.testing.assert_allclose(gpu, processor, rtol=1e-2, atol=1e-2)
