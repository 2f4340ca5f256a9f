import numpy as np
import pytest
from scipy import stats

from spl_kedro.simulation import acoustics
from spl_kedro.simulation.anatomy import Tissue
from spl_kedro.simulation.scanner import polar_grid
from spl_kedro.simulation.scatterers import scatter

DEPTH = 85.0


def homogeneous(scanner, density=1.0, attenuation=0.0, seed=3):
    """Received signals of a uniform phantom, without time gain."""
    grid = polar_grid(scanner, DEPTH)
    full = np.ones(grid.shape, np.float32)
    tissue = Tissue(0 * full, density * full, attenuation * full)
    field = scatter(np.random.default_rng(seed), grid, tissue, scanner.wavelength_mm)
    loss = acoustics.attenuation_db(tissue.attenuation, scanner, grid)
    return grid, acoustics.insonify(field * 10 ** (-loss / 20), scanner, DEPTH)


def signal_to_noise(envelope):
    return envelope.mean() / envelope.std()


def half_width(correlation, step):
    """Full width at half maximum of a symmetric correlation given from lag 0."""
    below = int(np.argmax(correlation < 0.5))
    left, right = correlation[below - 1], correlation[below]
    return 2 * step * (below - 1 + (left - 0.5) / (left - right))


@pytest.fixture(scope="module")
def speckle(plain_scanner):
    grid, (signal,) = homogeneous(plain_scanner)
    rows = (grid.depth > 15) & (grid.depth < 80)
    return grid, signal, rows


def test_the_envelope_of_homogeneous_tissue_has_the_snr_of_rayleigh_statistics(speckle):
    _, signal, rows = speckle
    assert signal_to_noise(np.abs(signal[rows, 12:-12])) == pytest.approx(1.913, abs=0.06)


def test_the_envelope_of_homogeneous_tissue_is_rayleigh_distributed(speckle):
    _, signal, rows = speckle
    # Far apart enough to be independent.
    sample = np.abs(signal[rows, 12:-12])[::8, ::9].ravel()
    sample = sample / np.sqrt(np.mean(sample**2) / 2)
    # Kolmogorov's 0.9973 quantile, that of three standard errors: tissue too sparse, or a scanner
    # that squeezes the envelope, lies beyond it.
    assert stats.kstest(sample, "rayleigh").statistic < 1.82 / len(sample) ** 0.5


def test_sparse_scatterers_do_not_make_fully_developed_speckle(plain_scanner):
    grid, (signal,) = homogeneous(plain_scanner, density=0.03)
    rows = (grid.depth > 15) & (grid.depth < 80)
    assert signal_to_noise(np.abs(signal[rows, 12:-12])) < 1.6


def test_mean_power_is_one_at_every_depth_so_that_focusing_leaves_no_band(speckle):
    grid, signal, _ = speckle
    power = np.abs(signal[:, 12:-12]) ** 2
    for start in range(10, 80, 10):
        band = power[(grid.depth > start) & (grid.depth < start + 10)]
        assert 10 * np.log10(band.mean()) == pytest.approx(0, abs=1.2)


@pytest.mark.parametrize(("shallow", "deep"), [(20, 30), (40, 50), (65, 78)])
def test_lateral_speckle_correlation_has_the_width_of_the_beam_at_that_depth(
    speckle, plain_scanner, shallow, deep
):
    grid, signal, _ = speckle
    rows = np.flatnonzero((grid.depth > shallow) & (grid.depth < deep))
    block = signal[rows]
    lags = range(25)
    product = [np.sum(block[:, lag:] * block[:, : block.shape[1] - lag].conj()) for lag in lags]
    correlation = np.abs(product) / np.abs(product[0])
    middle = grid.depth[rows].mean()
    measured = half_width(correlation, grid.pitch * (grid.radius_mm + middle))
    # Correlating a Gaussian with itself widens it by the square root of two.
    expected = np.sqrt(2) * acoustics.lateral_width_mm(plain_scanner, middle)
    assert measured == pytest.approx(float(expected), rel=0.1)


def test_axial_speckle_correlation_has_the_length_of_the_pulse(speckle, plain_scanner):
    grid, signal, rows = speckle
    block = signal[rows]
    product = [np.sum(block[lag:] * block[: len(block) - lag].conj()) for lag in range(20)]
    measured = half_width(np.abs(product) / np.abs(product[0]), grid.step)
    expected = np.sqrt(2) * acoustics.FWHM * acoustics.axial_sigma_mm(plain_scanner)
    assert measured == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("coefficient", [0.4, 0.7])
def test_the_echo_fades_by_twice_attenuation_times_frequency_per_centimetre(
    plain_scanner, coefficient
):
    grid, (signal,) = homogeneous(plain_scanner, attenuation=coefficient)
    rows = (grid.depth > 10) & (grid.depth < 80)
    level = 10 * np.log10(np.mean(np.abs(signal[rows, 12:-12]) ** 2, axis=1))
    slope = np.polyfit(grid.depth[rows] / 10, level, 1)[0]
    assert slope == pytest.approx(-2 * coefficient * plain_scanner.frequency_mhz, rel=0.05)


def test_time_gain_undoes_the_nominal_attenuation(plain_scanner):
    grid = polar_grid(plain_scanner, DEPTH)
    nominal = np.full(grid.shape, plain_scanner.tgc_db_cm_mhz, np.float32)
    loss = acoustics.attenuation_db(nominal, plain_scanner, grid)
    gain = acoustics.time_gain_db(plain_scanner, grid.depth)
    assert np.abs(gain[:, None] - loss).max() < 0.1


def test_compounding_makes_speckle_smoother(plain_scanner):
    scanner = plain_scanner.model_copy(update={"looks": 3})
    grid, signals = homogeneous(scanner)
    rows = (grid.depth > 15) & (grid.depth < 80)
    assert len(signals) == 3
    assert signal_to_noise(acoustics.detect(signals)[rows, 12:-12]) > 1.3 * 1.91


def test_the_beam_is_narrowest_near_its_focus_and_widens_with_depth(plain_scanner):
    width = acoustics.lateral_width_mm(plain_scanner, np.array([5.0, 38.0, 70.0, 110.0]))
    assert width[1] < width[0]
    assert width[1] < width[2] < width[3]


def test_muscle_is_shown_at_the_reference_grey_and_the_dynamic_range_spans_the_rest(
    plain_scanner,
):
    grey = acoustics.compress(
        np.array([1.0, 10.0, 1e4, 1e-6], np.float32), plain_scanner, np.zeros(4)
    )
    linear = grey ** (1 / plain_scanner.gamma)
    assert grey[0] == pytest.approx(plain_scanner.reference_grey, abs=1e-4)
    assert linear[1] - linear[0] == pytest.approx(20 / plain_scanner.dynamic_range_db, abs=1e-4)
    assert (grey[2], grey[3]) == (1.0, 0.0)
