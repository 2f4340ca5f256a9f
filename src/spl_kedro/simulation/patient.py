"""One simulated patient: traits, anatomy, image, outlines and row, from one generator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from spl_kedro.simulation import acoustics
from spl_kedro.simulation.anatomy import chest_wall, draw_pleura, tissue_maps
from spl_kedro.simulation.clinical import clinical_row
from spl_kedro.simulation.follow_up import follow_up_cells
from spl_kedro.simulation.lesion_shape import LesionShape, lesion_shape
from spl_kedro.simulation.lung import artefacts, draw_lung
from spl_kedro.simulation.noise import complex_noise, smooth_curve
from spl_kedro.simulation.outlines import draw_outline
from spl_kedro.simulation.scanner import Raster, polar_grid, raster
from spl_kedro.simulation.scatterers import bronchograms, reflect, scatter
from spl_kedro.simulation.settings import CentreSettings, PhantomSettings, ScannerSettings


@dataclass(frozen=True)
class SimulatedLesion:
    """A simulated patient's image, outlines, latent truth and table row.

    Attributes
    ----------
    image : ndarray of uint8, shape (rows, columns)
        The B-mode image; 0 outside the sector.
    mask : ndarray of uint8, shape (rows, columns)
        Reader 1's outline, 0 or 255.
    mask_reader2 : ndarray of uint8 or None
        Reader 2's outline where asked for.
    malignant : bool
        The class.
    traits : dict of str to float
        The latent traits, which no hospital knows.
    row : dict of str to str
        Pathology, histology and clinical variables as text.
    pixel_mm : float
        Side of a pixel in mm.
    shape : LesionShape
        The true contour and the pleura.
    further : tuple of SimulatedLesion
        Other views of the same lesion, each with outline and contour of its own.
    """

    image: np.ndarray
    mask: np.ndarray
    mask_reader2: np.ndarray | None
    malignant: bool
    traits: dict[str, float]
    row: dict[str, str]
    pixel_mm: float
    shape: LesionShape
    further: tuple[SimulatedLesion, ...] = ()


def _imaging_depth(scanner: ScannerSettings, bottom: float, rng: np.random.Generator) -> float:
    """Return the machine's smallest depth that shows the lesion with something behind it."""
    wanted = bottom * 1.12 + rng.uniform(12, 34)
    enough = [depth for depth in scanner.depths_mm if depth >= wanted]
    return enough[0] if enough else scanner.depths_mm[-1]


def render(
    rng: np.random.Generator,
    scanner: ScannerSettings,
    shape: LesionShape,
    traits: dict[str, float],
    depth_mm: float,
) -> np.ndarray:
    """Return the B-mode image of a lesion with the given shape and traits.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness for chest wall, lung, speckle and gain.
    scanner : ScannerSettings
        The machine.
    shape : LesionShape
        The lesion and the pleura it leans on.
    traits : dict of str to float
        Latent traits seen in the image.
    depth_mm : float
        Imaging depth.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
    """
    grid = polar_grid(scanner, depth_mm)
    wavelength = scanner.wavelength_mm
    wall = chest_wall(rng, grid, shape)
    air = draw_lung(rng, np.deg2rad(scanner.field_of_view_deg) / 2, scanner.tgc_db_cm_mhz)
    tissue = tissue_maps(rng, grid, wall, shape, traits, air.attenuation)
    field = scatter(rng, grid, tissue, wavelength)
    reflect(rng, field, grid, tissue.sheets, wavelength)
    bronchograms(
        rng,
        field,
        grid,
        tissue.lesion,
        shape,
        round(traits["air_bronchograms"]),
        rng.uniform(8, 15),
    )
    field += artefacts(rng, field, grid, wall, tissue, air)
    aperture_lines = scanner.aperture_mm / 12 / (grid.pitch * (grid.radius_mm + 25))
    loss = acoustics.attenuation_db(tissue.attenuation, scanner, grid, aperture_lines)
    fading = np.power(np.float32(10), loss / -20)
    field.real *= fading
    field.imag *= fading
    noise = complex_noise(rng, grid.shape) * np.float32(10 ** (scanner.noise_db / 20))
    envelope = acoustics.detect(acoustics.insonify(field, scanner, depth_mm, noise))
    slider = 1.2 * smooth_curve(rng, len(grid.depth), len(grid.depth) / 6)
    gain = acoustics.time_gain_db(scanner, grid.depth) + slider
    gain = gain + rng.normal(0, scanner.gain_spread_db)
    # The ends of a curved probe press less on the skin: the image darkens to the sides.
    edge = np.abs(grid.theta) / np.deg2rad(scanner.field_of_view_deg / 2)
    contact = -rng.uniform(0, 9, 2)[(grid.theta > 0).astype(int)] * edge**4
    grey = acoustics.compress(envelope, scanner, gain[:, None] + contact)
    image = raster(scanner, depth_mm).convert(grey)
    image *= 255
    return np.rint(image, out=image).astype(np.uint8)


def simulate_patient(
    settings: PhantomSettings,
    centre: CentreSettings,
    rng: np.random.Generator,
    malignant: bool,
    second_reader: bool = False,
    images: int = 1,
) -> SimulatedLesion:
    """Simulate one patient of one hospital.

    Parameters
    ----------
    settings : PhantomSettings
        Traits and readers.
    centre : CentreSettings
        Scanner and case mix.
    rng : numpy.random.Generator
        The patient's own generator.
    malignant : bool
        The class to draw traits from.
    second_reader : bool
        Whether a second reader outlines the lesion, too; of several images the first.
    images : int
        How many. Those after the first show the same lesion (its traits are the same) in another
        view: contour, pleura, chest wall, lung, speckle, gain and outline are drawn anew. The
        table row is the lesion's and the same for all.

    Returns
    -------
    SimulatedLesion
        The first image, with the others in `further`.
    """
    # Each part has its own stream: a change in one leaves the others as they were.
    trait_rng, shape_rng, image_rng, reader_rng, second_rng, table_rng = rng.spawn(6)
    traits = settings.traits.draw(trait_rng, malignant, centre.case_mix.shifts)
    view = _view(settings, centre, traits, shape_rng, image_rng, reader_rng)
    readers = settings.readers
    other = None
    if second_reader:
        bias = readers.second_bias + readers.second_bias_spread * second_rng.standard_normal()
        other = draw_outline(second_rng, view.shape, view.pixels, readers.second_noise, bias)
    row = clinical_row(table_rng, traits, malignant, settings.sonographer, centre.reader_noise)
    views = [_view(settings, centre, traits, *own.spawn(3)) for own in rng.spawn(images - 1)]
    if settings.follow_up.enabled:
        (own,) = rng.spawn(1)
        row |= follow_up_cells(own, traits, malignant, settings.follow_up, settings.traits)
    first = SimulatedLesion(
        view.image, view.mask, other, malignant, traits, row, view.pixels.pixel_mm, view.shape
    )
    return replace(first, further=tuple(_in_view(first, view) for view in views))


class _View(NamedTuple):
    """One image of a lesion: what is seen, as it was outlined."""

    image: np.ndarray
    mask: np.ndarray
    pixels: Raster
    shape: LesionShape


def _view(
    settings: PhantomSettings,
    centre: CentreSettings,
    traits: dict[str, float],
    shape_rng: np.random.Generator,
    image_rng: np.random.Generator,
    reader_rng: np.random.Generator,
) -> _View:
    """Draw the contour, scan it, and have the first reader outline it."""
    pleura = draw_pleura(shape_rng)
    room = max(0.0, 26.0 - 0.42 * traits["size_mm"])
    x = float(np.clip(shape_rng.normal(0, 8), -room, room))
    shape = lesion_shape(shape_rng, traits, pleura, x)
    depth = _imaging_depth(centre.scanner, shape.bottom, shape_rng)
    pixels = raster(centre.scanner, depth)
    image = render(image_rng, centre.scanner, shape, traits, depth)
    mask = draw_outline(reader_rng, shape, pixels, settings.readers.first_noise)
    return _View(image, mask, pixels, shape)


def _in_view(lesion: SimulatedLesion, view: _View) -> SimulatedLesion:
    """Return a lesion as another of its images shows it."""
    return replace(
        lesion,
        image=view.image,
        mask=view.mask,
        mask_reader2=None,
        pixel_mm=view.pixels.pixel_mm,
        shape=view.shape,
    )
