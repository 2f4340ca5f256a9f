"""Written documents that kedro-viz can show and MLflow keeps."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro_datasets._typing import HTMLPreview
from kedro_datasets.pandas import CSVDataset

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.datasets.whole import WholeFile, WholeTextDataset
from spl_kedro.reporting.preview import report_preview
from spl_kedro.spreadsheets import inert_table


class _KeptByMlflow:
    """Adds a file to the current MLflow run, where there is one, once it is saved.

    kedro-mlflow's own class for this is made anew for each dataset, so that none can be sent to
    another process, as Kedro's ParallelRunner does.
    """

    _filepath: Any
    _protocol: str

    def save(self, data: Any) -> None:
        """Save the file, and add it to the current MLflow run."""
        super().save(data)  # type: ignore[misc]
        import mlflow

        if mlflow.active_run() is not None:
            with StoredFile.of_dataset(self._filepath, self._protocol).here() as path:
                mlflow.log_artifact(str(path))


class StudyReportDataset(_KeptByMlflow, WholeTextDataset):
    """The HTML study report; kedro-viz shows its head and the table of the models.

    kedro-viz puts a preview into its own page without a frame, where the report's styles and script
    cannot work, so that what it shows is an excerpt that says so.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     dataset = StudyReportDataset(filepath=f"{folder}/report.html")
    ...     dataset.save("<header class='top'><h1>Lesions</h1></header><p>long</p>")
    ...     preview = dataset.preview()
    >>> "Lesions" in preview, "long" in preview
    (True, False)
    """

    def preview(self) -> HTMLPreview:
        """Return an excerpt as HTML without styles or script."""
        return HTMLPreview(report_preview(self.load(), self._filepath.name))


class CalculatorDataset(_KeptByMlflow, WholeTextDataset):
    """The HTML calculator; without its style and script, which it is of, there is no preview."""


class MarkdownDataset(_KeptByMlflow, WholeTextDataset):
    """A text in Markdown, which kedro-viz shows whole."""

    def preview(self) -> HTMLPreview:
        """Return the text; kedro-viz reads Markdown where it expects HTML."""
        return HTMLPreview(self.load())


class TrackedTableDataset(_KeptByMlflow, WholeFile, CSVDataset):
    """A table for a reader, as a CSV file in which no cell is a formula."""

    def save(self, data: pd.DataFrame) -> None:
        """Save the file, and add it to the current MLflow run."""
        super().save(inert_table(data))
