import torch

from spl_kedro.features.deep import DeepSettings, PretrainingSettings, build_network
from spl_kedro.pipelines.pretraining import create_pipeline
from spl_kedro.pipelines.pretraining.nodes import pretrain_network
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.simulation import simulate_cohort, simulate_lesions

NETWORK = DeepSettings(
    architecture="resnet18", image_size=32, epochs=2, batch_size=8, threads=1, device="cpu"
)
SETTINGS = PretrainingSettings(lesions=20, test_lesions=10, network=NETWORK)


def test_the_weights_made_from_simulated_lesions_are_what_the_weights_file_takes(tmp_path):
    state, records = pretrain_network(SimulationParameters(workers=1), SETTINGS)
    torch.save(state, tmp_path / "pretrained.pt")
    chosen = NETWORK.model_copy(update={"weights": str(tmp_path / "pretrained.pt")})
    network = build_network(chosen)
    assert torch.equal(network.layer4[0].conv1.weight, state["layer4.0.conv1.weight"])
    assert len(records) == 1
    assert len(records[0].curves["training_loss"]) == NETWORK.epochs
    assert 0 <= records[0].metrics["simulated_test.auc"] <= 1


def test_no_lesion_of_the_cohort_is_learnt_from():
    settings = SimulationParameters(workers=1)
    small = settings.model_copy(
        update={
            name: getattr(settings, name).model_copy(update={"patients": 6})
            for name in ("training_centre", "external_centre")
        }
        | {"readers": settings.readers.model_copy(update={"second_lesions": 0})}
    )
    cohort = {image.tobytes() for image in simulate_cohort(small).images.values()}
    fresh = {lesion.image.tobytes() for lesion in simulate_lesions(small, 6)}
    assert len(cohort) == 12
    assert len(fresh) == 6
    assert cohort.isdisjoint(fresh)


def test_the_pipeline_gives_weights_and_a_record():
    assert create_pipeline().outputs() == {"pretrained_network", "pretraining_records"}
