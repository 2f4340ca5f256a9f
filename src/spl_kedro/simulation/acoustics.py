"""From reflectors to an image: beam, attenuation, time gain, detection, log compression."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft

from spl_kedro.simulation import kernels
from spl_kedro.simulation.scanner import PolarGrid, polar_grid
from spl_kedro.simulation.settings import ScannerSettings

# Full width at half maximum of a Gaussian in standard deviations.
FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


def lateral_width_mm(scanner: ScannerSettings, depth_mm: np.ndarray | float) -> np.ndarray:
    """Return the beam's full width at half maximum (amplitude) across, by depth.

    Wavelength times f-number in focus, the f-number being limited by the aperture, and
    widening with the distance from the transmit focus as a Gaussian beam does.
    """
    depth = np.asarray(depth_mm, np.float64)
    f_number = np.maximum(scanner.f_number, depth / scanner.aperture_mm)
    defocus = (depth - scanner.focus_mm) / scanner.focal_length_mm
    return scanner.wavelength_mm * f_number * np.sqrt(1.0 + defocus**2)


def axial_sigma_mm(scanner: ScannerSettings, looks: int = 1) -> float:
    """Return the standard deviation of the pulse's amplitude along the beam in mm.

    With several looks the band is shared between them, which lengthens the pulse.
    """
    sigma_mhz = _look_bandwidth(scanner, looks) * scanner.frequency_mhz / FWHM
    return 1.54 / 2.0 / (2.0 * np.pi * sigma_mhz)


def _look_bandwidth(scanner: ScannerSettings, looks: int) -> float:
    return scanner.bandwidth / (1.0 + 0.5 * (looks - 1))


@lru_cache(maxsize=16)
def _transfer(
    scanner: ScannerSettings, depth_mm: float
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Lateral transfer function by depth, axial ones by look, and gain for unit noise."""
    grid = polar_grid(scanner, depth_mm)
    samples, beams = grid.shape
    sigma = lateral_width_mm(scanner, grid.depth) / FWHM
    sigma_theta = (sigma / (grid.radius_mm + grid.depth))[:, None]
    wave = 2 * np.pi * fft.fftfreq(beams, grid.pitch)
    level = scanner.sidelobe_level
    lateral = (1 - level) * np.exp(-0.5 * (sigma_theta * wave) ** 2)
    lateral += level * np.exp(-0.5 * (6 * sigma_theta * wave) ** 2)
    length = fft.next_fast_len(samples + 32)
    frequency = fft.fftfreq(length, grid.step)  # cycles per mm of two-way path halved
    axial = []
    spread = 1 / (2 * np.pi * axial_sigma_mm(scanner, scanner.looks))
    for look in range(scanner.looks):
        centre = (look - (scanner.looks - 1) / 2) * 1.6 * spread
        axial.append(np.exp(-0.5 * ((frequency - centre) / spread) ** 2).astype(np.float32))
    energy = np.mean(lateral**2, axis=1) * np.mean(axial[0].astype(np.float64) ** 2)
    # Real and imaginary parts lie side by side; both are multiplied.
    both = np.repeat(lateral.astype(np.float32), 2, axis=1)
    return both, axial, (1 / np.sqrt(energy)).astype(np.float32)


def insonify(
    field: np.ndarray, scanner: ScannerSettings, depth_mm: float, noise: np.ndarray | None = None
) -> list[np.ndarray]:
    """Convolve complex reflectivity with the depth-dependent point-spread function.

    The lateral kernel differs at every depth: it is applied row by row as a product with
    its transfer function, so there are no zones whose borders could show.

    Parameters
    ----------
    field : ndarray of complex64, shape (samples, beams)
        Baseband reflectivity; unit variance per sample gives a mean power of 1.
    scanner : ScannerSettings
        Frequency, aperture and bandwidth of the probe.
    depth_mm : float
        Imaging depth the grid was made for.
    noise : ndarray of complex64, same shape, optional
        Electronic noise: passes the receive filter along the beam, not the beam itself.

    Returns
    -------
    list of ndarray of complex64, shape (samples, beams)
        The received baseband signal, one per look (sub-band).
    """
    lateral, axial, gain = _transfer(scanner, depth_mm)
    samples = field.shape[0]
    beam = fft.ifft(_scaled(fft.fft(field, axis=1), lateral), axis=1, overwrite_x=True)
    beam = _scaled(beam, gain[:, None])
    if noise is not None:
        beam += _scaled(noise, 1 / np.sqrt(np.mean(axial[0] ** 2)))
    spectrum = fft.fft(beam, n=len(axial[0]), axis=0)
    return [
        fft.ifft(_scaled(spectrum, band[:, None]), axis=0, overwrite_x=True)[:samples]
        for band in axial
    ]


def _scaled(signal: np.ndarray, factor: np.ndarray | np.floating) -> np.ndarray:
    """Return a complex signal times a real factor, given for real and imaginary parts in turn."""
    return (signal.view(np.float32) * factor).view(np.complex64)


def attenuation_db(
    coefficient: np.ndarray, scanner: ScannerSettings, grid: PolarGrid, aperture_lines: float = 0.0
) -> np.ndarray:
    """Return the two-way loss in dB from the probe face to every sample.

    Parameters
    ----------
    coefficient : ndarray of float32, shape (samples, beams)
        Attenuation coefficient in dB/cm/MHz.
    scanner : ScannerSettings
        Gives the frequency.
    grid : PolarGrid
        Gives the step.
    aperture_lines : float
        Width (SD, in beams) over which the aperture averages: the penumbra of a shadow.
    """
    per_sample = np.float32(2 * scanner.frequency_mhz * grid.step / 10)
    reach = int(4 * aperture_lines + 0.5)
    weights = np.ones(1)
    if reach > 0:
        weights = np.exp(-0.5 / aperture_lines**2 * np.arange(-reach, reach + 1) ** 2)
    return kernels.accumulate(coefficient, per_sample, weights / weights.sum())


def time_gain_db(scanner: ScannerSettings, depth_mm: np.ndarray) -> np.ndarray:
    """Return the gain in dB by depth that undoes the nominal two-way attenuation."""
    return 2 * scanner.tgc_db_cm_mhz * scanner.frequency_mhz * depth_mm / 10


def detect(signals: list[np.ndarray]) -> np.ndarray:
    """Return the envelope; several looks are averaged in power (frequency compounding)."""
    if len(signals) == 1:
        return np.abs(signals[0])
    power = sum(signal.real**2 + signal.imag**2 for signal in signals)
    return np.sqrt(power / len(signals))


def compress(envelope: np.ndarray, scanner: ScannerSettings, gain_db: np.ndarray) -> np.ndarray:
    """Log-compress an envelope to grey values from 0 to 1.

    ``reference_grey`` is the grey of an envelope of 0 dB without further gain.
    """
    level = np.log10(envelope + np.float32(1e-9))
    level *= 20
    level += gain_db.astype(np.float32)
    level /= np.float32(scanner.dynamic_range_db)
    level += np.float32(scanner.reference_grey ** (1 / scanner.gamma))
    np.clip(level, 0, 1, out=level)
    return np.power(level, np.float32(scanner.gamma), out=level)
