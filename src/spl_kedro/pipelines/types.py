"""The types in nodes' signatures whose modules are slow to import, by name only.

Kedro evaluates the whole signature of a node to find its typed parameters: a name that it cannot
resolve leaves these unchecked, and one that is imported makes every command wait for its library.
So each is what it is to a reader and a type checker, and `Any` when the program runs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from spl_kedro.deployment.packaged import PackagedStudy
    from spl_kedro.deployment.scoring import ImageFeatures
    from spl_kedro.explainability.lesion_map import LesionMap
    from spl_kedro.explainability.map_sources import MapSource
    from spl_kedro.explainability.trace import Explanation
    from spl_kedro.features.deep import TrainedNetwork
    from spl_kedro.features.measurement import FeatureCache
    from spl_kedro.imaging.crops import LesionCrops
    from spl_kedro.modeling.signatures.declaration import ProtocolRules
    from spl_kedro.modeling.signatures.fitted_study import FittedStudy
    from spl_kedro.modeling.signatures.study_table import StudyTable
    from spl_kedro.reporting.results import FrozenStudy
    from spl_kedro.sealing.looks import LookLog
    from spl_kedro.serving.register import Registration
else:
    Tensor = Any
    PackagedStudy = ImageFeatures = Registration = Any
    LesionMap = MapSource = Explanation = Any
    TrainedNetwork = FeatureCache = LesionCrops = Any
    FittedStudy = StudyTable = FrozenStudy = LookLog = Any
    # A part of typed parameters: what holds it is checked, and Kedro checks nothing twice.
    ProtocolRules = Any

__all__ = [
    "Explanation",
    "FeatureCache",
    "FittedStudy",
    "FrozenStudy",
    "ImageFeatures",
    "LesionCrops",
    "LesionMap",
    "LookLog",
    "MapSource",
    "PackagedStudy",
    "ProtocolRules",
    "Registration",
    "StudyTable",
    "Tensor",
    "TrainedNetwork",
]
