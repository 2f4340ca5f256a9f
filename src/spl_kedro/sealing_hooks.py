"""Hooks of the seal: what a run may not do, what is tracked of it, what its last line says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from spl_kedro.errors import UnusableStudyError
from spl_kedro.sealing import NEEDS_OPEN
from spl_kedro.sealing.state import SealState

STATE, FITTED = "seal_state", "leak_free_fitted_study"
#: Names of what is written by pipelines that try other models; these choose by training alone.
CHOOSING = ("sweep_", "backbone_", "backbones_")


def refuse_fit_on_opened_cohort(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Raise if models would be fitted beside lesions that an earlier look has opened.

    Raises
    ------
    UnusableStudyError
        Saying how to seal the cohort again.
    """
    fits = FITTED in pipeline.all_outputs() or any(
        name.startswith(CHOOSING) for name in pipeline.all_outputs()
    )
    if not fits or "cohort" in pipeline.all_outputs():
        return
    if not catalog.exists("cohort") or (catalog.load("cohort")["cohort"] == "training").all():
        return
    raise UnusableStudyError(
        "a sealed validation cohort while models are fitted",
        "the stored cohort was opened by an earlier look, and models fitted now would be scored "
        "on it without another.",
        "Run the study from its start (kedro run --pipelines cdlr), which seals the cohort again.",
    )


def refuse_extended(pipeline: Pipeline) -> None:
    """Raise if a sealed study would be fitted to features that `unseal` does not make.

    Raises
    ------
    UnusableStudyError
        Saying how to run it.
    """
    if not pipeline.only_nodes_with_tags(NEEDS_OPEN).nodes:
        return
    raise UnusableStudyError(
        "an open validation cohort where a study is extended",
        "sealing.sealed is true, and the pipeline unseal does not measure what additions measure "
        "of the lesions that it opens.",
        "Set sealing.sealed: false, or run the study without additions: kedro run --pipelines cdlr",
    )


def last_line(state: SealState, environment: str | None, *, opened: bool) -> str:
    """Return what a run says at its very end about the seal.

    Parameters
    ----------
    state : SealState
    environment : str or None
        Kedro environment of the run.
    opened : bool
        Whether the run scored lesions outside the training cohort.

    Returns
    -------
    str
        One line for each thing to say, the last of them how to unseal, or how often it was.
    """
    lines = [f"Log of looks: {finding}" for finding in state.findings]
    if state.post_hoc:
        looks = "1 look" if state.count == 1 else f"{state.count} looks"
        lines.append(
            f"POST HOC: {len(state.since_look)} things were changed after the first of {looks}: "
            + "; ".join(map(str, state.since_look[:3]))
        )
    if opened:
        lines.append(f"Look {state.count} at the sealed lesions; each is in the log.")
    else:
        kept = " and ".join(
            f"{size['lesions']} {name} lesions" for name, size in state.kept.items()
        )
        env = f" --env {environment}" if environment not in (None, "local", "base") else ""
        lines.append(f"Sealed: {kept}. To unseal: kedro run{env} --pipelines unseal")
    return "\n".join(lines)


class SealHooks:
    """Keeps the validation cohort sealed, and says so in the tracker and in a run's last line."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read whether the environment seals its validation cohort."""
        self._env: str | None = context.env
        own: Mapping[str, Any] = context.config_loader["parameters"].get("sealing", {})
        self._sealed = bool(own.get("sealed", False))

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Refuse a fit beside lesions that an earlier look has opened, and an extended study."""
        if self._sealed:
            refuse_extended(pipeline)
            refuse_fit_on_opened_cohort(pipeline, catalog)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Tag the run with plan, looks and what is post hoc."""
        if dataset_name != STATE:
            return
        import mlflow

        state = SealState.of(data)
        if state is not None and mlflow.active_run() is not None:
            mlflow.set_tags(state.tags())

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Say, last of all, what is sealed and how to unseal it."""
        if STATE not in pipeline.all_outputs():
            return
        state = SealState.of(catalog.load(STATE))
        if state is None:
            return
        from rich.console import Console

        opened = not (catalog.load("cohort")["cohort"] == "training").all()
        words = last_line(state, self._env, opened=opened)
        Console().print(words, highlight=False, markup=False, soft_wrap=True)
