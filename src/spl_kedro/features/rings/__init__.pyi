from .distances import RingDistances, decide_distances
from .embedding import EmbeddedRings, embed_rings, ring_network_settings
from .extraction import RingResult, measure_rings
from .geometry import Ring, rings_of
from .names import deep_ring_schema, ring_features, ring_schema
from .settings import DeepRingSettings, RingParameters
from .stability import deep_ring_stability, ring_stability

__all__ = [
    "DeepRingSettings",
    "EmbeddedRings",
    "Ring",
    "RingDistances",
    "RingParameters",
    "RingResult",
    "decide_distances",
    "deep_ring_schema",
    "deep_ring_stability",
    "embed_rings",
    "measure_rings",
    "ring_features",
    "ring_network_settings",
    "ring_schema",
    "ring_stability",
    "rings_of",
]
