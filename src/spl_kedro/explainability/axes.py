"""Round numbers for axes that are read by eye."""

from __future__ import annotations

import math


def axis_step(span: float, least: float = 0.0) -> float:
    """Return the round step that divides a span into about seven, and is no less than `least`.

    Parameters
    ----------
    span, least : float
        Not negative, and not both 0.

    Examples
    --------
    >>> axis_step(60), axis_step(137), axis_step(60, least=25)
    (10.0, 20.0, 50.0)
    """
    wanted = max(span / 7, least)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted * 0.999)


def rounded_ends(low: float, high: float) -> tuple[float, float]:
    """Round the ends of an axis to a tenth of its steps.

    Examples
    --------
    >>> rounded_ends(1.177, 138.53), rounded_ends(0.4, 0.4)
    ((1.0, 139.0), (0.4, 0.4))
    """
    if low == high:
        return low, high
    digits = 1 - math.floor(math.log10(axis_step(high - low)))
    return round(low, digits), round(high, digits)


def rounded_share(share: float) -> float:
    """Round a probability to two digits of its distance from 0 or 1.

    Examples
    --------
    >>> rounded_share(0.04254), rounded_share(0.98765)
    (0.043, 0.988)
    """
    distance = max(min(share, 1 - share), 1e-9)
    return round(share, 1 - math.floor(math.log10(distance)))
