"""What a notebook needs: open a study, explore its cohort, measure a lesion, compare runs.

Everything here loads what a run stored or calls the function that the pipelines call; nothing is
computed in another way. Names of this package stay from version to version, as CHANGELOG.md says.

Examples
--------
Radiomics and deep features of one lesion::

    from spl_kedro import api

    study = api.open_study()
    lesion = api.read_lesion("image.png", "outline.png", study)
    radiomics, deep = api.radiomics_features(lesion, study), api.deep_embedding(lesion, study)
"""

from spl_kedro.api.cohorts import cohort_counts, cohort_summary, findings
from spl_kedro.api.lesions import deep_embedding, draw_lesion, radiomics_features, read_lesion
from spl_kedro.api.maps import draw_map, feature_maps
from spl_kedro.api.runs import compare_runs
from spl_kedro.api.study import Study, open_study

__all__ = [
    "Study",
    "cohort_counts",
    "cohort_summary",
    "compare_runs",
    "deep_embedding",
    "draw_lesion",
    "draw_map",
    "feature_maps",
    "findings",
    "open_study",
    "radiomics_features",
    "read_lesion",
]
