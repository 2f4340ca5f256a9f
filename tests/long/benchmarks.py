"""Scripts that measured what pages quote: each runs to its end on little, and prints its table."""

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image
from tests.long.scratch import Long

STUDIED = ("make run",)
NETWORK = "data/06_models/pretrained_network.pt"
PRETRAINING = "kedro run --pipelines pretraining"
SEVERAL = "kedro run --env several_images"
COVERAGE = "python benchmarks/coverage.py --json coverage.json"
BREAST = "make breast BREAST_DIR=/path/to/folder"


def printed(*words: str):
    """Return a judge of what a script printed."""

    def leaves(project: Path, said: str) -> None:
        for word in words:
            assert word in said, word

    return leaves


def figures(file: str, *keys: str):
    """Return a judge of the figures that a script wrote."""

    def leaves(project: Path, said: str) -> None:
        content = json.loads((project / file).read_text(encoding="utf-8"))
        assert set(keys) <= set(content)

    return leaves


def killed(project: Path, said: str) -> None:
    # Fault: a moment drawn for when the run has ended already.
    assert re.search(r"^[1-9]\d* kills; of [1-9]", said, re.MULTILINE), said
    assert "tables differ: []" in said


def weights(project: Path, said: str) -> None:
    assert (project / NETWORK).stat().st_size > 1_000_000


def predicted(project: Path, said: str) -> None:
    assert (project / "data/several_images/07_model_output/predictions.parquet").is_file()


def repainted(project: Path, said: str) -> None:
    for name in ("roc.png", "shap_beeswarm.png", "gradcam_panel.jpg", "simulated_patients.jpg"):
        picture = Image.open(project / "docs/images" / name)
        assert np.asarray(picture.convert("L")).std() > 10, name
        assert (project / "docs/images" / name).stat().st_mtime > (
            project / "data/07_model_output/performance.parquet"
        ).stat().st_mtime


DTL = printed("network", "leak_free", "as_published", "dtl")
DEEP = "make run DEEP=resnet50"
TRAIN = "python benchmarks/dtl.py --deep resnet50"
LONG = (
    Long(COVERAGE, figures("coverage.json", "parts"),
         more="--cohorts 4 --signatures 0 --draws 20 --bootstrap 100"),
    Long("python benchmarks/coverage_parts/coverage_page.py coverage.json",
         printed("findings", "| AUC |"), after=(COVERAGE,)),
    Long("python benchmarks/deep.py --embedding", printed("embedding_share_of_ceiling"),
         more="--rounds 1"),
    Long(PRETRAINING, weights, after=STUDIED),
    Long(f"{TRAIN} --stored", DTL, after=(DEEP,), project="trained"),
    Long(f"{TRAIN} --shuffle 0 --set threads=1", DTL, after=STUDIED),
    Long(f"{TRAIN} --set threads=1 --weights {NETWORK} "
         "[--set learning_rate=0.0003]", DTL, after=(*STUDIED, PRETRAINING)),
    Long(f"{TRAIN} --env breast --set threads=1 "
         "[--weights ... [--set learning_rate=0.0003]]", DTL, more="--set epochs=1",
         after=(BREAST, PRETRAINING),
         own={"...": NETWORK}, needs=("BREAST_DIR",)),
    Long(f"{TRAIN} --env breast --set threads=1 "
         "--set trained_blocks=1 --weights FILE", DTL, more="--set epochs=1",
         after=(BREAST, PRETRAINING),
         own={"FILE": NETWORK}, needs=("BREAST_DIR",)),
    Long("python benchmarks/habitats.py --lesions data/03_primary/lesions --count 20 --stock 3 "
         "--rounds 5", printed("pyradiomics, µs a pixel", "habitats' default"), after=STUDIED,
         own={"20": "2", "3": "1", "5": "1"}),
    Long("python benchmarks/kills.py --folder F --kills 20 --in-a-row --longest 30", killed,
         own={"F": "kills", "20": "2", "30": "10"}),
    Long("python benchmarks/peers.py --images DIR --json peers.json",
         figures("peers.json", "processor", "tools"), own={"DIR": "$BREAST_DIR"},
         more="--lesions 3 --repeats 1 --only pyradiomics", needs=("BREAST_DIR",)),
    Long("python benchmarks/radiomics.py --images DIR --lesions 24 --json radiomics.json",
         figures("radiomics.json", "ratio_total", "profile", "size_curve"),
         own={"DIR": "$BREAST_DIR", "24": "3"}, more="--repeats 1 --stock-limit 1000",
         needs=("BREAST_DIR",)),
    Long("python benchmarks/radiomics_memory.py --lesions data/03_primary/lesions "
         "--counts 609 6090", printed("worker MB", "      12"), after=STUDIED,
         own={"609": "6", "6090": "12"}),
    Long("python benchmarks/rings.py --lesions data/03_primary/lesions --count 60 --rounds 7",
         printed("a ring's pixel costs", "| the rest |"), after=STUDIED,
         own={"60": "3", "7": "1"}),
    Long("python benchmarks/serving.py --json serving.json",
         figures("serving.json", "bare", "hostile", "load_test"), after=("make predict",),
         more="--hostile 20 --clients 2 --seconds 6 --cases 4"),
    Long("python -m benchmarks.duplicates", printed("simulated: copy", "10000 hashes"),
         more="tuning 4", needs=("BREAST_DIR",)),
    Long("python -m benchmarks.leaks", printed("| nothing: anything is listed |", "5 tables"),
         more="5"),
    Long("python -m benchmarks.quality", printed("| check |", "| `upscaled` |"),
         needs=("BREAST_DIR",)),
    Long(SEVERAL, predicted, more="--to-outputs predictions"),
    Long("python -m benchmarks.several_images --data data/several_images",
         printed("first image", "external, max"), after=(SEVERAL,)),
    Long("python docs/_making/readme_pictures.py data", repainted, after=STUDIED),
)  # fmt: skip
