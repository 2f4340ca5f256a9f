from .clustering import Clustering, fit_clustering
from .examples import HabitatExample, choose_examples, habitat_examples
from .extraction import HabitatResult, measure_habitats
from .measures import measure_parts
from .names import habitat_schema
from .settings import HabitatParameters
from .stability import habitat_stability

__all__ = [
    "Clustering",
    "HabitatExample",
    "HabitatParameters",
    "HabitatResult",
    "choose_examples",
    "fit_clustering",
    "habitat_examples",
    "habitat_schema",
    "habitat_stability",
    "measure_habitats",
    "measure_parts",
]
