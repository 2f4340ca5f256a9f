"""Parameters of the readers pipeline."""

from spl_kedro.cohort.reader_settings import ReaderTableSettings
from spl_kedro.modeling.evaluation.reader_settings import ReaderComparisonSettings


class ReadersParameters(ReaderTableSettings, ReaderComparisonSettings):
    """How the readers' table is read, and how the modalities are compared."""
