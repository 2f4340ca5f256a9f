"""Look-alikes of public cohorts' folders, made from simulated patients."""

from pathlib import Path

import numpy as np
from PIL import Image

from spl_kedro.simulation import PhantomSettings
from spl_kedro.simulation.patient import simulate_patient


def simulated_lesions(count: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Return image, outline and pathology of simulated patients, of either class in turn.

    Cut around the lesion: a public cohort's images are crops too.
    """
    settings = PhantomSettings()
    random = np.random.default_rng(seed)
    lesions = []
    for number in range(count):
        lesion = simulate_patient(settings, settings.training_centre, random, number % 2 == 1)
        lesions.append((lesion.image, lesion.mask, lesion.row["pathology"]))
    return lesions


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def halves(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an outline in two parts, left and right of its middle."""
    middle = int(np.median(np.nonzero(mask)[1]))
    left, right = mask.copy(), mask.copy()
    left[:, middle:], right[:, :middle] = 0, 0
    return left, right


def busi(folder: Path, count: int = 12) -> list[str]:
    """Lay simulated lesions out as BUSI; every fourth has a second outline. Returns their names."""
    names = []
    lesions = simulated_lesions(count)
    for number, (image, mask, word) in enumerate(lesions):
        name = f"{word} ({number // 2 + 1})"
        names.append(name)
        write(folder / word / f"{name}.png", image)
        first, second = halves(mask)
        if number % 4 == 0:
            write(folder / word / f"{name}_mask.png", first)
            write(folder / word / f"{name}_mask_1.png", second)
        else:
            write(folder / word / f"{name}_mask.png", mask)
    for number, (image, mask, _) in enumerate(lesions[:2]):
        write(
            folder / "normal" / f"normal ({number + 1}).png", np.ascontiguousarray(image[:, ::-1])
        )
        write(folder / "normal" / f"normal ({number + 1})_mask.png", np.zeros_like(mask))
    return names


def busbra(folder: Path, count: int = 12) -> list[str]:
    """Lay simulated lesions out as BUS-BRA, two images a patient for some; returns their names."""
    rows, names = ["ID,Case,Histology,Pathology,BIRADS,Device,Side"], []
    for number, (image, mask, word) in enumerate(simulated_lesions(count, seed=1)):
        side = "lr"[number % 4 == 2]
        # The third of four is the first patient's other side: of one class, as in a real cohort.
        case = number - 1 if number % 4 == 2 else number + 1
        name = f"{case:04d}-{side}"
        names.append(f"bus_{name}")
        write(folder / "Images" / f"bus_{name}.png", image)
        write(folder / "Masks" / f"mask_{name}.png", mask)
        sides = {"l": "left", "r": "right"}
        rows.append(
            f"bus_{name},{case},word,{word},{4 if word == 'malignant' else 2},GE,{sides[side]}"
        )
    (folder / "bus_data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return names
