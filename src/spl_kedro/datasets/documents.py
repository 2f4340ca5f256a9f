"""Written documents that kedro-viz can show."""

from __future__ import annotations

from kedro_datasets._typing import HTMLPreview
from kedro_datasets.text import TextDataset

from spl_kedro.report.preview import report_preview


class StudyReportDataset(TextDataset):
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


class MarkdownDataset(TextDataset):
    """A text in Markdown, which kedro-viz shows whole."""

    def preview(self) -> HTMLPreview:
        """Return the text; kedro-viz reads Markdown where it expects HTML."""
        return HTMLPreview(self.load())
