from .distances import RingDistances, decide_distances
from .extraction import RingResult, measure_rings
from .geometry import Ring, rings_of
from .names import ring_features, ring_schema
from .settings import RingParameters
from .stability import ring_stability

__all__ = [
    "Ring",
    "RingDistances",
    "RingParameters",
    "RingResult",
    "decide_distances",
    "measure_rings",
    "ring_features",
    "ring_schema",
    "ring_stability",
    "rings_of",
]
