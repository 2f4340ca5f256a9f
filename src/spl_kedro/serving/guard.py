"""What MLflow's scoring server does around the model, made safe for whatever is sent.

``mlflow models serve`` gives no other place to stand before its parser. Left alone, it answers 500
to a request without a content type, to JSON nested too deeply and to a number of thousands of
digits; it repeats a request in its refusal, and a traceback, which names folders, in its answer to
an error of the program.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server

from spl_kedro.deployment.request import MOST_BYTES

log = logging.getLogger(__name__)

#: Largest request (bytes): an image and an outline in base64, and words.
MOST_SENT = 3 * MOST_BYTES
_JSON = "application/json"


def guard_server() -> None:
    """Put the guard before the scoring server of this process, once."""
    if not hasattr(scoring_server.invocations, "__wrapped__"):
        scoring_server.invocations = guarded(scoring_server.invocations)


def guarded(invocations: Callable[..., Any]) -> Callable[..., Any]:
    """Return MLflow's answer to a request, with every refusal in words that repeat nothing.

    Parameters
    ----------
    invocations : callable
        ``mlflow.pyfunc.scoring_server.invocations``.
    """

    @functools.wraps(invocations)
    def answer(data: bytes, content_type: str | None, model: Any, input_schema: Any) -> Any:
        if (content_type or "").split(";")[0].strip().lower() != _JSON:
            return _refusal(415, f"a request of the content type {_JSON}.")
        if len(data) > MOST_SENT:
            return _refusal(413, f"a request of at most {MOST_SENT} bytes: it has {len(data)}.")
        try:
            sent = json.loads(data)
        except (ValueError, RecursionError):
            return _refusal(400, "a request that is JSON in UTF-8, without endless nesting.")
        if not isinstance(sent, dict) or set(sent) != {"inputs"}:
            return _refusal(400, 'an object with the one key inputs: {"inputs": [case, ...]}.')
        try:
            return invocations(sent, _JSON, model, input_schema)
        except MlflowException as error:
            trace = error.json_kwargs.get("stack_trace")
            if trace is None:
                # Its first words: MLflow puts the request before them in `message`.
                return _refusal(error.get_http_status_code(), str(error))
            log.error("A case could not be scored.\n%s", trace)
        return _refusal(500, "A fault of the program, which the server's log describes.")

    return answer


def _refusal(status: int, message: str) -> Any:
    body = json.dumps({"error_code": _CODES.get(status, "BAD_REQUEST"), "message": message})
    return scoring_server.InvocationsResponse(body, status, _JSON)


_CODES = {400: "INVALID_PARAMETER_VALUE", 500: "INTERNAL_ERROR"}
