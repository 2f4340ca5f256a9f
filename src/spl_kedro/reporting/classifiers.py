"""What is said of classifiers that gave way to others."""

from __future__ import annotations

from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.reporting.results import StudyResults


def radial_statement(results: StudyResults, protocol: str) -> tuple[str, ...]:
    """Return what there is to say of a protocol's radial machines: nothing where they were fitted.

    Parameters
    ----------
    results : StudyResults
    protocol : str
        One of :data:`spl_kedro.schemas.PROTOCOLS`.
    """
    stated = results.parameters.get("modeling", {})
    # Beside settings that are not the models' where reporting runs alone.
    known = {name: stated[name] for name in SignatureSettings.model_fields if name in stated}
    settings = SignatureSettings.model_validate(known)
    rules = settings.protocols.get(protocol)
    if rules is None:
        return ()
    lesions = int((results.cohort["cohort"] == "training").sum())
    wanted, fitted = settings.under(rules, 0), settings.under(rules, lesions)
    if wanted == fitted:
        return ()
    return (
        f"With {lesions:,} training lesions, more than {settings.classifier.max_radial_lesions:,}, "
        "the radial support vector machine gave way to a linear one on an approximation of its "
        "kernel (nystroem_svm), whose cost does not grow with the square of the lesions.",
    )
