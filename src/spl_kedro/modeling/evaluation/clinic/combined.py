"""Intervals of what is computed from several shares, each with an interval of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

#: How such intervals are named in tables.
SQUARE_AND_ADD = "square-and-add"


class Estimate(NamedTuple):
    """A value and the bounds of its interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """Return the estimate of a multiple (`factor` not negative)."""
        return Estimate(*(factor * bound for bound in self))

    def complement(self) -> Estimate:
        """Return the estimate of one minus the value."""
        return Estimate(1 - self.value, 1 - self.high, 1 - self.low)

    def through(self, function: Callable[[float], float]) -> Estimate:
        """Return the estimate of a function that only rises or only falls."""
        value, *bounds = (function(bound) for bound in self)
        return Estimate(value, min(bounds), max(bounds))


def combined(
    function: Callable[..., float],
    *parts: Estimate,
    lowest: float = -math.inf,
    highest: float = math.inf,
) -> Estimate:
    """Return the interval of a function of independent estimates, by squaring and adding.

    One estimate after the other is moved to its bounds; the distances by which the function moves
    are squared, added, and their root is the distance to the new bound. For a sum it is the MOVER
    of Zou & Donner, for a difference of shares with Wilson's intervals Newcombe's hybrid score
    interval, and for any smooth function it agrees with the delta method to the first order,
    without being symmetrical and with a width where a share is 0 or 1.

    Sources: Zou & Donner, Stat Med 2008;27:1693; Newcombe, Stat Med 1998;17:873.

    Parameters
    ----------
    function : callable
        Of as many numbers as there are parts; monotone in each.
    *parts : Estimate
        Of independent samples.
    lowest, highest : float
        Ends of the range of the function.

    Returns
    -------
    Estimate
        NaN bounds where a part has no interval.
    """
    values = [part.value for part in parts]
    centre = function(*values)
    below = above = 0.0
    for position, part in enumerate(parts):
        ends = [
            function(*values[:position], bound, *values[position + 1 :])
            for bound in (part.low, part.high)
        ]
        # Python's min and max would pass over a bound that is not a number.
        known = 0.0 if all(end == end for end in ends) else math.nan
        below += (centre - min(centre, *ends)) ** 2 + known
        above += (max(centre, *ends) - centre) ** 2 + known
    return Estimate(
        float(centre),
        max(float(centre - below**0.5), lowest),
        min(float(centre + above**0.5), highest),
    )
