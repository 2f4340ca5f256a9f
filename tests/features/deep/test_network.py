import pytest
import torch
from torch import nn

from spl_kedro.features.deep import DeepSettings, build_network, last_convolution, load_network
from spl_kedro.features.deep.network import (
    block_sequence,
    embed_batch,
    head_name,
)

ARCHITECTURES = ["resnet18", "densenet121", "efficientnet_b0", "convnext_tiny", "vit_b_32"]


def settings(name: str, **changes) -> DeepSettings:
    return DeepSettings(architecture=name, image_size=32, **changes)


@pytest.fixture(scope="module", params=ARCHITECTURES)
def network(request) -> nn.Module:
    return build_network(settings(request.param)).eval()


@torch.no_grad()
def test_any_torchvision_classifier_gives_two_logits_and_the_input_of_its_head(network):
    images = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    embedding, logits = embed_batch(network, images)
    assert logits.shape == (3, 2)
    assert embedding.ndim == 2
    torch.testing.assert_close(network.get_submodule(head_name(network))(embedding), logits)


@torch.no_grad()
def test_the_blocks_one_after_another_are_the_forward_pass(network):
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    values = images
    for _, block in block_sequence(network):
        values = block(values)
    torch.testing.assert_close(values, network(images))


@torch.no_grad()
def test_the_default_embedding_has_2048_features():
    network = build_network(settings(DeepSettings().architecture)).eval()
    assert embed_batch(network, torch.zeros(1, 3, 32, 32))[0].shape == (1, 2048)


def test_the_last_convolution_yields_a_map_for_convolutional_networks_only():
    assert last_convolution(build_network(settings("resnet18"))) == "layer4"
    assert last_convolution(build_network(settings("densenet121"))) == "features"
    with pytest.raises(ValueError, match="no last convolution"):
        last_convolution(build_network(settings("vit_b_32")))


def test_the_seed_decides_the_first_weights_whatever_was_drawn_before():
    torch.manual_seed(1)
    first = build_network(settings("resnet18", seed=3)).state_dict()
    torch.manual_seed(2)
    second = build_network(settings("resnet18", seed=3)).state_dict()
    other = build_network(settings("resnet18", seed=4)).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


def test_a_stored_state_gives_the_same_network_again():
    chosen = settings("resnet18", seed=3)
    network = build_network(chosen).eval()
    again = load_network(network.state_dict(), chosen.model_copy(update={"seed": 9}))
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(network(images), again(images))
    assert not again.training


def test_an_unknown_architecture_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match=r"did you mean .*resnet50"):
        build_network(settings("resnet5O"))


def test_an_image_size_a_transformer_cannot_take_is_refused():
    with pytest.raises(ValueError, match="image_size: 40"):
        build_network(DeepSettings(architecture="vit_b_32", image_size=40))
