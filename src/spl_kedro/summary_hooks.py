"""What a run prints at its end: performance, scores of new cases, what was found, what is next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from spl_kedro.reuse import reuse_told
from spl_kedro.schemas import is_simulated


class SummaryHooks:
    """Prints performance, or scores of new cases, and what was found, when a run has made them."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Remember the environment and its folder, for the hints below the table."""
        self._env = context.env
        self._data = context.config_loader["globals"]["data"]

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Print the table of the five models, or of new cases, the findings, and what is next."""
        from spl_kedro.reporting.evidence import VALIDATION

        made = pipeline.all_outputs()
        if "inference_scores" in made:
            self._tell_of_cases(catalog)
        if "check_page" in made:
            self._tell_of_check(catalog)
        told = False
        for validation in ("", VALIDATION):
            before = f"{validation}_" if validation else ""
            results = bool(made & {f"{before}performance", f"{before}study_report"})
            if results and catalog.exists(f"{before}performance"):
                self._print(catalog, validation)
            if f"{before}cohort" in pipeline.datasets():
                self._tell_of_findings(catalog, before, made)
            if results:
                self._tell_of_reuse()
                self._tell_what_is_next(validation)
                told = True
        if not told:
            self._tell_of_reuse()
            self._tell_where(catalog, made)

    def _tell_of_findings(self, catalog: CatalogProtocol, before: str, made: set[str]) -> None:
        """Print how many lesions came, and what the run, or the last one, found."""
        from spl_kedro.summary import findings_lines

        first = f"{before}cohort_findings" if before else "data_processing_findings"
        name = first if first in made and f"{before}findings" not in made else f"{before}findings"
        checked = f"{before}cohort" if before else "divided_cohort"
        if catalog.exists(name) and catalog.exists(checked):
            self._say(findings_lines(catalog.load(name), catalog.load(checked).index))

    def _tell_of_check(self, catalog: CatalogProtocol) -> None:
        from spl_kedro.summary import findings_lines

        cases = catalog.load("check_usable").index
        self._say(findings_lines(catalog.load("check_findings"), cases))
        self._say(f"{'Every outline':<20}{self._data}/08_reporting/check.html")

    def _tell_of_reuse(self) -> None:
        if reused := reuse_told():
            self._say(f"{'Reused':<20}{reused}")

    def _tell_where(self, catalog: CatalogProtocol, made: set[str]) -> None:
        """Print the folders that the run wrote into."""
        from spl_kedro.datasets.fingerprints import place_of

        data = Path(self._data).as_posix()
        places = (place_of(catalog.get(name)) for name in sorted(made))
        within = (place.as_posix().partition(f"{data}/")[2] for place in places if place)
        layers = {f"{data}/{path.partition('/')[0]}" for path in within if path}
        if layers:
            self._say(f"{'Written to':<20}{', '.join(sorted(layers))}")

    def _tell_what_is_next(self, validation: str) -> None:
        from spl_kedro.summary import next_steps

        self._say(next_steps(self._env, self._data, validation))

    def _say(self, words: str) -> None:
        from rich.console import Console

        Console().print(words.rstrip("\n"), highlight=False, markup=False, soft_wrap=True)

    def _print(self, catalog: CatalogProtocol, validation: str) -> None:
        from rich.console import Console

        from spl_kedro.summary import performance_table

        before = f"{validation}_" if validation else ""
        simulated = is_simulated(catalog.load(f"{before}cohort"))
        frozen = catalog.load(f"{before}frozen_study") if validation else None
        performance = catalog.load(f"{before}performance")
        console = Console()
        console.print()
        console.print(performance_table(performance, simulated=simulated, frozen=frozen))
        console.print()

    def _tell_of_cases(self, catalog: CatalogProtocol) -> None:
        from rich.console import Console

        from spl_kedro.cohort.findings import join_findings
        from spl_kedro.summary import findings_lines, scored_cases

        console = Console()
        scores, findings, patients, cases = (
            catalog.load(f"inference_{name}")
            for name in ("scores", "findings", "patient_scores", "cases")
        )
        console.print()
        if len(patients):
            patient_of = cases["patient_id"]
            findings = findings.assign(lesion_id=findings["lesion_id"].replace(patient_of))
            scores = patients.rename(columns={"patient_id": "lesion_id"})
        console.print(scored_cases(scores, findings, word="patients" if len(patients) else "cases"))
        found = join_findings(
            *(catalog.load(f"inference_{part}_findings") for part in ("case", "image"))
        )
        self._say(findings_lines(found, cases.index, word="cases"))
        self._say(f"{'A page for each':<20}{self._data}/08_reporting/patients")
