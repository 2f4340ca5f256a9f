"""Several crops of a lesion, embedded by one frozen network."""

import dataclasses

import numpy as np
import pytest
from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings, backbone_facts, build_network, crop_all, embed
from spl_kedro.features.deep.frozen import embed_frozen, embed_views
from spl_kedro.features.deep.onnx_export import export_onnx
from spl_kedro.hooks import refuse_maps_of_several_views

from .conftest import make_cohort

ONE = DeepSettings(
    architecture="resnet18",
    image_size=32,
    margin=0.15,
    trained_blocks=0,
    threads=1,
    device="cpu",
)


def with_views(*views, pooling="mean") -> DeepSettings:
    chosen = {"views": views, "view_pooling": pooling}
    return DeepSettings.model_validate(ONE.model_dump() | chosen)


PLAIN, FLIPPED, WIDE = {}, {"flip": True}, {"margin": 0.6}


@pytest.fixture(scope="module")
def cohort():
    return make_cohort(training=6, others=1)


@pytest.fixture(scope="module")
def network():
    return build_network(ONE).eval()


@pytest.fixture(scope="module")
def crops(cohort):
    made, failures = crop_all(cohort[0], with_views(PLAIN, WIDE))
    assert failures == []
    return made


def test_the_first_view_is_cropped_as_ever_and_the_others_lie_beside_it(cohort, crops):
    alone, _ = crop_all(cohort[0], ONE)
    assert alone.further == ()
    assert crops.pixels.tobytes() == alone.pixels.tobytes()
    ((margin, pixels),) = crops.further
    wide, _ = crop_all(cohort[0], ONE.model_copy(update={"margin": 0.6}))
    assert margin == 0.6
    assert pixels.tobytes() == wide.pixels.tobytes()


def test_flips_need_no_crops_of_their_own(cohort):
    made, _ = crop_all(cohort[0], with_views(PLAIN, FLIPPED))
    assert made.further == ()


def test_lesions_are_selected_in_every_view(crops):
    some = crops.select([crops.lesion_ids[3], crops.lesion_ids[1]])
    np.testing.assert_array_equal(some.further[0][1], crops.further[0][1][[3, 1]])


@pytest.mark.parametrize("named", [ONE, with_views(PLAIN)], ids=["none", "the same crop"])
def test_one_view_gives_the_bytes_of_the_plain_embedding(network, crops, named):
    expected, _ = embed(network, crops.pixels, ONE)
    assert embed_views(network, crops, named).tobytes() == expected.tobytes()


def test_views_are_averaged_or_stand_side_by_side(network, crops):
    views = (PLAIN, FLIPPED, WIDE)
    parts = [
        embed(network, np.ascontiguousarray(pixels), ONE)[0]
        for pixels in (crops.pixels, crops.pixels[..., ::-1], crops.further[0][1])
    ]
    assert not np.allclose(parts[0], parts[1])
    mean = embed_views(network, crops, with_views(*views))
    np.testing.assert_allclose(mean, np.mean(parts, axis=0))
    beside = embed_views(network, crops, with_views(*views, pooling="concatenate"))
    np.testing.assert_array_equal(beside, np.hstack(parts))


def test_a_lesion_and_its_mirror_image_have_one_embedding_where_flips_are_averaged(network, crops):
    settings = with_views(PLAIN, FLIPPED)
    mirrored = dataclasses.replace(crops, pixels=np.ascontiguousarray(crops.pixels[..., ::-1]))
    np.testing.assert_allclose(
        embed_views(network, crops, settings), embed_views(network, mirrored, settings), rtol=1e-6
    )


def test_crops_stored_without_a_margin_are_told_to_be_made_again(cohort, network):
    stored, _ = crop_all(cohort[0], ONE)
    with pytest.raises(UnusableStudyError, match=r"margin 0\.6; the stored .* have 0\.15"):
        embed_frozen(stored, cohort[1], network, with_views(PLAIN, WIDE))


def test_views_are_for_a_frozen_network_and_each_is_named_once():
    with pytest.raises(ValidationError, match="views need a frozen network"):
        DeepSettings(views=({"flip": True},))
    with pytest.raises(ValidationError, match=r"margin 0\.15, flip False twice"):
        with_views(PLAIN, {"margin": 0.15})


def test_the_facts_of_a_study_name_its_views():
    assert "32 px, margin 0.15, pooled" in backbone_facts(ONE)["input"]
    facts = backbone_facts(with_views(PLAIN, FLIPPED))["input"]
    assert "margin 0.15, margin 0.15 flipped: mean" in facts


def test_what_shows_or_exports_one_crop_refuses_several(network, tmp_path):
    settings = with_views(PLAIN, FLIPPED)
    with pytest.raises(UnusableStudyError, match="embeds one crop"):
        export_onnx(network, settings, tmp_path / "network.onnx")
    with pytest.raises(UnusableStudyError, match=r"deep_features\.views"):
        refuse_maps_of_several_views({"deep_features": settings.model_dump()})
    refuse_maps_of_several_views({"deep_features": ONE.model_dump()})
