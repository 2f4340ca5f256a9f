"""What `kedro run` runs in an environment, where no pipeline is named."""

from __future__ import annotations

from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.pipeline import Pipeline

from spl_kedro.errors import UnusableStudyError

#: Of the globals: names of pipelines.
KEY = "pipelines"


class EnvironmentPipelineHooks:
    """Makes the default pipeline of a run the one that the environment names.

    Kedro asks for the pipelines after it has read the configuration.
    """

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Put the environment's pipelines together under the default's name.

        Raises
        ------
        UnusableStudyError
            If one of them does not exist.
        """
        names = context.config_loader["globals"].get(KEY)
        # Of a run of named pipelines Kedro knows no other.
        if not names or "__default__" not in pipelines:
            return
        unknown = [name for name in names if name not in pipelines]
        if unknown:
            raise UnusableStudyError(
                "pipelines that exist",
                f"globals.yml names the pipeline '{unknown[0]}', which there is not.",
                "kedro registry list shows those there are.",
            )
        pipelines["__default__"] = sum((pipelines[name] for name in names), start=Pipeline([]))
