"""The chest wall and the lesion as acoustic tissue: echogenicity, density, attenuation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spl_kedro.simulation.lesion_shape import LesionShape
from spl_kedro.simulation.noise import smooth_curve, smooth_field
from spl_kedro.simulation.scanner import PolarGrid

# Attenuation in dB/cm/MHz and scatterer density relative to muscle; orders of magnitude as in
# textbooks of ultrasound physics, the exact figures assumed.
FAT = {"attenuation": 0.6, "density": 0.6, "echogenicity": -6.5}
MUSCLE = {"attenuation": 0.85, "density": 1.0, "echogenicity": 0.0}
RIB = {"attenuation": 8.0, "density": 0.6, "echogenicity": -6.0}
NECROSIS = {"attenuation": 0.25, "density": 0.4, "echogenicity": -9.0}


@dataclass(frozen=True)
class Sheet:
    """A thin reflecting surface.

    Attributes
    ----------
    depth : ndarray, shape (beams,)
        Distance from the probe face in mm.
    strength_db : ndarray, shape (beams,)
        Strength relative to muscle in dB.
    layers : int
        Repetitions behind the surface, each a little weaker: its visible thickness.
    """

    depth: np.ndarray
    strength_db: np.ndarray
    layers: int = 1


@dataclass
class ChestWall:
    """What lies between the probe and the lung, in every beam of the sector.

    Attributes
    ----------
    pleura : tuple of float
        Depth, slope and curvature of the pleura over the lateral position.
    pleura_depth, fat_depth, skin_depth : ndarray of float32, shape (beams,)
        Distance from the probe face along the beam in mm.
    ribs : list of tuple of float
        Lateral position, depth, half width and half height of each rib in mm.
    """

    pleura: tuple[float, float, float]
    pleura_depth: np.ndarray
    fat_depth: np.ndarray
    skin_depth: np.ndarray
    ribs: list[tuple[float, float, float, float]]


@dataclass
class Tissue:
    """Acoustic maps on the polar grid, all of shape (samples, beams).

    Attributes
    ----------
    echogenicity_db : ndarray of float32
        Mean scattered power relative to muscle in dB; 0 where there is air.
    density : ndarray of float32
        Scatterers per area relative to the largest density, 0 to 1; 0 where there is air.
    attenuation : ndarray of float32
        Attenuation coefficient in dB/cm/MHz.
    sheets : list of Sheet
        Reflecting surfaces.
    lesion, lung : ndarray of bool
        Inside the lesion; and below pleura or lesion, where only artefacts are seen.
    """

    echogenicity_db: np.ndarray
    density: np.ndarray
    attenuation: np.ndarray
    sheets: list[Sheet] = field(default_factory=list)
    lesion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    lung: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))


def draw_pleura(rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw the pleura's depth in mm, its slope and its curvature per mm."""
    depth = float(np.clip(np.exp(rng.normal(np.log(20), 0.24)), 12, 34))
    return depth, float(rng.normal(0, 0.05)), float(rng.normal(0.0012, 0.0014))


def draw_ribs(
    rng: np.random.Generator, shape: LesionShape
) -> list[tuple[float, float, float, float]]:
    """Draw the ribs at the sides of the intercostal window that shows the lesion."""
    ribs = []
    for side in (-1.0, 1.0):
        half_width, half_height = rng.uniform(5.0, 7.5), rng.uniform(3.2, 4.6)
        gap = max(10.0, 0.92 * shape.half_width) + half_width + rng.uniform(0, 9)
        present = rng.random() < 0.55
        x = shape.x + side * gap
        if present:
            ribs.append((x, float(shape.pleura_at(np.array(x))) - 6.0, half_width, half_height))
    return ribs


def chest_wall(rng: np.random.Generator, grid: PolarGrid, shape: LesionShape) -> ChestWall:
    """Lay skin, fat and muscle over the pleura; skin follows the probe, pleura the chest."""
    beams = len(grid.theta)
    depth: np.ndarray = np.full(beams, shape.pleura[0])
    for _ in range(8):  # the beam meets the pleura where r cos(theta) equals its depth
        x = (grid.radius_mm + depth) * np.sin(grid.theta)
        depth = (grid.radius_mm + shape.pleura_at(x)) / np.cos(grid.theta) - grid.radius_mm
    depth = depth + 0.25 * smooth_curve(rng, beams, 9)
    skin = rng.uniform(1.4, 2.3) + 0.15 * smooth_curve(rng, beams, 14)
    share = np.clip(rng.normal(0.4, 0.1), 0.2, 0.62)
    fat = skin + share * (depth - skin) + 0.6 * smooth_curve(rng, beams, 22)
    fat = np.clip(fat, skin + 1.0, depth - 5.0)
    ribs = draw_ribs(rng, shape)
    return ChestWall(
        shape.pleura,
        depth.astype(np.float32),
        fat.astype(np.float32),
        skin.astype(np.float32),
        ribs,
    )


def _layer_texture(
    rng: np.random.Generator,
    depth: np.ndarray,
    upper: np.ndarray,
    lower: np.ndarray,
    rows: int,
    scales: tuple[float, float],
) -> np.ndarray:
    """Return a random field, at the depths, that follows a layer between two surfaces."""
    texture = smooth_field(rng, (rows, len(lower)), scales)
    share = (depth - upper) / (lower - upper)
    index = np.clip(share * rows, 0, rows - 1).astype(np.intp)
    return texture.take(index * len(lower) + np.arange(len(lower)))


def tissue_maps(
    rng: np.random.Generator,
    grid: PolarGrid,
    wall: ChestWall,
    shape: LesionShape,
    traits: dict[str, float],
    lung_attenuation: float,
) -> Tissue:
    """Turn anatomy and traits into acoustic maps.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for textures.
    grid : PolarGrid
        Where the maps are sampled.
    wall, shape : ChestWall, LesionShape
        The patient's anatomy.
    traits : dict of str to float
        Latent traits: echogenicity, heterogeneity, necrosis, attenuation, pleura.
    lung_attenuation : float
        Effective fading of artefacts with depth in dB/cm/MHz.

    Returns
    -------
    Tissue
    """
    below = grid.depth[:, None] >= wall.pleura_depth
    lesion = shape.contains(grid.x, grid.y) & below
    # Air: no scatterers; whatever shows below is an artefact (see lung.py).
    tissue = Tissue(
        echogenicity_db=np.zeros(grid.shape, np.float32),
        density=np.zeros(grid.shape, np.float32),
        attenuation=np.full(grid.shape, lung_attenuation, np.float32),
        lesion=lesion,
        lung=below & ~lesion,
    )
    _lay_wall(rng, tissue, grid, wall)
    _fill_lesion(rng, tissue, grid, shape, traits)
    tissue.sheets += _wall_sheets(rng, grid, wall)
    for rib in wall.ribs:
        _lay_rib(rng, tissue, grid, rib)
    tissue.sheets += _pleural_sheets(rng, grid, wall, lesion, shape, traits)
    return tissue


def _lay_wall(rng: np.random.Generator, tissue: Tissue, grid: PolarGrid, wall: ChestWall) -> None:
    """Lay skin, fat with septa and muscle with fibres over the pleura."""
    rows = int(np.searchsorted(grid.depth, wall.pleura_depth.max()))
    depth = grid.depth[:rows, None]
    fat = depth < wall.fat_depth
    fibres = _layer_texture(rng, depth, wall.fat_depth, wall.pleura_depth, 72, (1.3, 16))
    septa = _layer_texture(
        rng, depth, np.zeros(len(grid.theta), np.float32), wall.fat_depth, 40, (1.6, 24)
    )
    echo = np.where(fat, FAT["echogenicity"] + 4.0 * septa, MUSCLE["echogenicity"] + 5.0 * fibres)
    tissue.echogenicity_db[:rows] = np.where(depth < wall.skin_depth, np.float32(7), echo)
    above = depth < wall.pleura_depth
    for name, values in (("density", tissue.density), ("attenuation", tissue.attenuation)):
        layer = np.where(fat, np.float32(FAT[name]), np.float32(MUSCLE[name]))
        np.copyto(values[:rows], layer, where=above)


def _fill_lesion(
    rng: np.random.Generator,
    tissue: Tissue,
    grid: PolarGrid,
    shape: LesionShape,
    traits: dict[str, float],
) -> None:
    """Give the lesion its echogenicity, uneven texture, attenuation and necrosis."""
    lesion = tissue.lesion
    texture = smooth_field(rng, grid.shape, (22.0, 9.0))[lesion]
    core = smooth_field(rng, grid.shape, (26.0, 11.0))[lesion]
    edge_mm = np.float32(rng.uniform(0.3, 1.3))
    if not lesion.any():
        return
    inside = shape.depth_inside(grid.x[lesion], grid.y[lesion])
    level = traits["echogenicity_db"] + traits["heterogeneity_db"] * texture
    # Towards the edge the lesion mixes with lung, over a width that differs by patient.
    mixed = np.float32(0.8) * np.exp(-inside / edge_mm)
    tissue.echogenicity_db[lesion] = level + mixed * (-3.0 - level)
    tissue.density[lesion] = 0.9
    tissue.attenuation[lesion] = traits["attenuation_db_cm_mhz"]
    if traits["necrosis_fraction"] > 0.01:
        core = 0.8 * core + inside / np.float32(0.5 * shape.radius)
        dead = np.zeros(grid.shape, bool)
        dead[lesion] = core > np.quantile(core, 1 - traits["necrosis_fraction"])
        tissue.echogenicity_db[dead] += NECROSIS["echogenicity"]
        tissue.density[dead] = NECROSIS["density"]
        tissue.attenuation[dead] = NECROSIS["attenuation"]


def _lay_rib(
    rng: np.random.Generator,
    tissue: Tissue,
    grid: PolarGrid,
    rib: tuple[float, float, float, float],
) -> None:
    """Add a rib: a bright surface and bone behind it that lets little sound through."""
    x, y, half_width, half_height = rib
    bone = ((grid.x - x) / half_width) ** 2 + ((grid.y - y) / half_height) ** 2 < 1
    tissue.echogenicity_db[bone] = RIB["echogenicity"]
    tissue.density[bone] = RIB["density"]
    tissue.attenuation[bone] = RIB["attenuation"]
    first = np.argmax(bone, axis=0)
    beams = len(grid.theta)
    across = np.abs(grid.x[first, np.arange(beams)] - x) / half_width
    strength = 24.0 - 16.0 * across**2 + 2.0 * smooth_curve(rng, beams, 4)
    strength = np.where(bone.any(axis=0), strength, -120.0)
    tissue.sheets.append(Sheet(grid.depth[first], strength.astype(np.float32), layers=3))


def _wall_sheets(rng: np.random.Generator, grid: PolarGrid, wall: ChestWall) -> list[Sheet]:
    """Skin echo, fascia and the connective tissue between the layers."""
    beams = len(grid.theta)
    flat = np.zeros(beams, np.float32)
    sheets = [Sheet(flat + 0.3, flat + 12, layers=2), Sheet(wall.skin_depth, flat + 9)]
    sheets.append(Sheet(wall.fat_depth, 12 + 4 * smooth_curve(rng, beams, 20), layers=2))
    for upper, lower, count in (
        (wall.skin_depth, wall.fat_depth, int(rng.integers(1, 4))),
        (wall.fat_depth, wall.pleura_depth, int(rng.integers(2, 5))),
    ):
        for share in np.sort(rng.uniform(0.1, 0.92, count)):
            depth = upper + share * (lower - upper) + 0.5 * smooth_curve(rng, beams, 24)
            strength = rng.uniform(3, 11) + 6 * smooth_curve(rng, beams, 15)
            sheets.append(Sheet(depth.astype(np.float32), strength, layers=int(rng.integers(1, 4))))
    return sheets


def _pleural_sheets(
    rng: np.random.Generator,
    grid: PolarGrid,
    wall: ChestWall,
    lesion: np.ndarray,
    shape: LesionShape,
    traits: dict[str, float],
) -> list[Sheet]:
    """Return the pleural line, weaker and broken over the lesion, and the lesion's far wall."""
    beams = len(grid.theta)
    touched = lesion.any(axis=0)
    # The line is brightest where the beam meets it at a right angle.
    x = (grid.radius_mm + wall.pleura_depth) * np.sin(grid.theta)
    tilt = grid.theta + np.arctan(wall.pleura[1] + 2 * wall.pleura[2] * x)
    line = 31.0 - 55.0 * np.minimum(np.abs(tilt), 0.6) ** 2 + 4.0 * smooth_curve(rng, beams, 5)
    gaps = smooth_curve(rng, beams, 5)
    contact = lesion[
        np.clip((wall.pleura_depth / grid.step + 8).astype(int), 0, len(grid.depth) - 1),
        np.arange(beams),
    ]
    if contact.any():
        edge = np.quantile(gaps[contact], 1 - traits["pleural_interruption"])
        line = np.where(contact, np.where(gaps > edge, -25.0, line - 14.0), line)
    sheets = [Sheet(wall.pleura_depth, line.astype(np.float32), layers=4)]
    if touched.any():
        last = lesion.shape[0] - 1 - np.argmax(lesion[::-1], axis=0)
        across = np.abs(grid.x[last, np.arange(beams)] - shape.x) / shape.half_width
        # Fragments of aerated lung hold on to the far wall, unevenly and at uneven depth.
        for _ in range(3):
            depth = grid.depth[last] + 0.9 * rng.random(beams) - 0.3
            far = 3.0 - 6.0 * across**2 + 6.0 * smooth_curve(rng, beams, 3)
            sheets.append(Sheet(depth, np.where(touched, far, -120.0).astype(np.float32)))
    return sheets
