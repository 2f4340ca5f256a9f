import numpy as np
from threadpoolctl import threadpool_limits

from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.calibration import SmoothCalibration
from spl_kedro.modeling.evaluation.sums import linear_predictor, weighted_sum


def test_sums_equal_numpys_matrix_products():
    rng = np.random.default_rng(1)
    weights, values = rng.normal(size=(6, 40)), rng.normal(size=(40, 3))
    np.testing.assert_allclose(weighted_sum(weights, values[:, 0]), weights @ values[:, 0])
    np.testing.assert_allclose(weighted_sum(weights[0], values[:, 0]), weights[0] @ values[:, 0])
    coefficients = rng.normal(size=(6, 3))
    np.testing.assert_allclose(linear_predictor(coefficients, values), coefficients @ values.T)


def test_bootstrapped_calibration_is_the_same_bits_with_one_thread_and_with_two():
    rng = np.random.default_rng(3)
    for _ in range(4):
        score = rng.beta(1.2, 0.9, 487)
        label = (rng.random(487) < score).astype(float)
        weights = resampling_weights(label, np.arange(487), 800, generator(1, "threads"))
        values = []
        for threads in (1, 2):
            with threadpool_limits(threads):
                values.append(SmoothCalibration(label, score, weights).ici())
        np.testing.assert_array_equal(*values)
