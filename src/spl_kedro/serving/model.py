"""How MLflow opens the packaged study: it names this module as the model's loader.

Nothing that runs lies in the logged model: this module is part of the installed package, and the
study is read by :func:`spl_kedro.deployment.archive.read_study`, which runs nothing of it either.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException

from spl_kedro.deployment.assess import assess
from spl_kedro.deployment.errors import RefusedCaseError
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.request import parse_request

#: Cases in one request.
MOST_CASES = 8
_SERVER = "mlflow.pyfunc.scoring_server.app"


def _load_pyfunc(path: str) -> ServedStudy:
    """Open the study; MLflow calls this by name."""
    from spl_kedro.deployment.archive import read_study

    if _SERVER in sys.modules:
        from spl_kedro.serving.guard import guard_server

        guard_server()
    return ServedStudy(read_study(Path(path)))


class ServedStudy:
    """A packaged study that scores cases as they are sent.

    Parameters
    ----------
    study : PackagedStudy
    """

    def __init__(self, study: PackagedStudy) -> None:
        # One image is one batch, which takes one thread whatever is set; with more, the embedding
        # would first watch for a tenth of a second which cores are free.
        self.study = replace(study, deep=study.deep.model_copy(update={"threads": 1}))
        # A case takes every core that it is given, and torch's switches are the process's own: side
        # by side, cases would be no faster. In one thread, because every thread that computes
        # keeps threads and memory of its own.
        self._scorer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scorer")

    def predict(
        self, model_input: Any, params: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Score cases.

        Parameters
        ----------
        model_input : list of dict, or DataFrame
            See :class:`spl_kedro.deployment.request.CaseRequest`; of a table an empty cell is a
            field that is left out.
        params : dict, optional
            None are known.

        Returns
        -------
        list of dict
            See :func:`spl_kedro.deployment.assess.assess`.

        Raises
        ------
        MlflowException
            With the code INVALID_PARAMETER_VALUE, which the scoring server answers with 400,
            naming the case by its place, the rule it breaks and the remedy.
        """
        sent = _listed(model_input)
        if not 1 <= len(sent) <= MOST_CASES:
            raise _refused(
                f"from 1 to {MOST_CASES} cases in a request: it has {len(sent)}. "
                "Remedy: Send them in several requests."
            )
        requests = [_named(place, parse_request, case) for place, case in enumerate(sent)]
        answers = []
        for place, request in enumerate(requests):
            scored = self._scorer.submit(assess, self.study, request)
            answers.append(_named(place, scored.result))
        return answers


def _named(place: int, step: Callable[..., Any], *given: Any) -> Any:
    """Take a step of a case; where it is refused, say which case of the request it is."""
    try:
        return step(*given)
    except RefusedCaseError as error:
        raise _refused(f"inputs[{place}]: {error}") from error


def _listed(model_input: Any) -> Sequence[Any]:
    if isinstance(model_input, pd.DataFrame):
        rows = model_input.to_dict("records")
        return [{str(k): v for k, v in row.items() if not _is_empty(v)} for row in rows]
    if not isinstance(model_input, list):
        raise _refused(
            f"a list of cases: inputs is of type {type(model_input).__name__}. "
            'Remedy: Send {"inputs": [case, ...]}.'
        )
    return model_input


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _refused(message: str) -> MlflowException:
    refusal: MlflowException = MlflowException.invalid_parameter_value(message)
    return refusal
