"""What the checks of image quality found in a cohort, and what becomes of its images."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.findings import Findings
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.quality import CHECKS, INPAINTED, Action, Finding, warning_of
from spl_kedro.rules import ActionTaken

QUALITY_COLUMNS = ["lesion_id", "check", "value", "threshold", "found", "kind", "action"]


class Judged:
    """Collects what was found in each image, and does what the study wants done about it.

    Parameters
    ----------
    action : {"flag", "quarantine", "inpaint"}
        Of an image in which something was found.
    """

    def __init__(self, action: Action) -> None:
        self._action = action
        self._records: list[tuple[object, ...]] = []

    def case(self, lesion_id: str, measured: list[Finding], findings: Findings) -> bool:
        """Add what was found in a case's image; return whether the case stays.

        A case is quarantined once, with the first rule that its image breaks; the message names
        the others.
        """
        found = [finding for finding in measured if finding.found]
        self._records += [
            (lesion_id, *finding, self._action_on(finding) if finding.found else "")
            for finding in measured
        ]
        if self._action == "quarantine" and found:
            warning, *others = (warning_of(finding) for finding in found)
            rule = next(check.rule for check in CHECKS if check.name == found[0].check)
            also = f" Also: {'; '.join(other.message for other in others)}" if others else ""
            findings.case(
                lesion_id, UnusableLesionError(rule, warning.message + also, warning.remedy)
            )
            return False
        for finding in found:
            warning = warning_of(finding)
            if self._action_on(finding) == "inpaint":
                warning = warning._replace(action=ActionTaken.INPAINTED)
            findings.case(lesion_id, warning)
        return True

    def _action_on(self, finding: Finding) -> str:
        if self._action == "inpaint" and finding.check not in INPAINTED:
            return "flag"
        return self._action

    def table(self) -> pd.DataFrame:
        """Return the table (``schemas.Quality``), a row for each image and check."""
        table = pd.DataFrame(self._records, columns=QUALITY_COLUMNS)
        texts, numbers = ["lesion_id", "check", "kind", "action"], ["value", "threshold"]
        kinds = dict.fromkeys(texts, "str") | dict.fromkeys(numbers, "float64") | {"found": bool}
        return table.astype(kinds).sort_values("lesion_id", kind="stable", ignore_index=True)
