"""The order of a paper: which section stands where, and how tables and figures are numbered."""

from __future__ import annotations

from collections.abc import Iterable

from spl_kedro.reporting.parts import Section

LIMITS = "limits"
#: Sections of the paper itself; those that are not named follow as its supplement, but for those of
#: additions that say otherwise (`Section.of_paper`).
PAPER = (
    *("frozen-study", "summary", "methods", "seal", "cohort-flow", "table-one", "case-mix"),
    *("models", "roc", "added-value", "comparisons", "calibration", "decision-curves"),
    *("development", "clinic", "verification-bias", "reference-errors", "fairness"),
    *("subgroups", "optimism", "odds-ratios", "shap", "gradcam", "sanity-checks", "uncertainty"),
    LIMITS,
)


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Return the sections as a paper has them, its supplement behind, else as they were."""
    return sorted(sections, key=_place)


def _place(section: Section) -> float:
    if section.key in PAPER:
        return PAPER.index(section.key)
    return PAPER.index(LIMITS) - 0.5 if section.of_paper else len(PAPER)


def _in_paper(section: Section) -> bool:
    return _place(section) < len(PAPER)


def supplement_of(sections: Iterable[Section]) -> str:
    """Return the key of the first section of the supplement; empty where there is none."""
    return next((section.key for section in sections if not _in_paper(section)), "")


def numbers_of(sections: Iterable[Section]) -> dict[str, str]:
    """Return the numbers of tables and figures; what is folded or supplement has its own.

    Parameters
    ----------
    sections : iterable of Section
        In the order in which they are shown.

    Returns
    -------
    dict of str to str
        ``Table 1``, ``Figure 1``, ``Table S1`` and so on, by ``table-<key>`` and
        ``figure-<key>``.
    """
    numbers: dict[str, str] = {}
    counts: dict[str, int] = {}
    for section in sections:
        further = not _in_paper(section)
        parts = [("Figure", figure.key, further) for figure in section.figures]
        parts += [("Table", table.key, further or table.folded) for table in section.tables]
        for name, key, aside in parts:
            kind = f"{name} S" if aside else f"{name} "
            counts[kind] = counts.get(kind, 0) + 1
            numbers[f"{name.lower()}-{key}"] = f"{kind}{counts[kind]}"
    return numbers
