"""Typed parameters of the simulation pipeline."""

from __future__ import annotations

from pydantic import Field

from spl_kedro.simulation import PhantomSettings, ReaderStudy


class SimulationParameters(PhantomSettings):
    """The simulated study (``params:simulation``) and how its progress is shown."""

    reader_study: ReaderStudy = ReaderStudy()
    progress: bool = Field(default=True, description="show a progress bar")
