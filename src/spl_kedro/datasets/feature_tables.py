"""The tables of further sources of features, which a study brings along from elsewhere."""

from __future__ import annotations

from typing import Any

from spl_kedro.datasets.sources import SourcesDataset


class FeatureTablesDataset(SourcesDataset):
    """Tables of sources of features that no pipeline of this project measures; read only.

    Parameters
    ----------
    sources : mapping of str to mapping of str to dict
        By source and table: ``features``, with a row per lesion and the column or index
        ``lesion_id``, and, where there are, ``schema`` and ``stability``, indexed by feature, and
        ``nested``, the features of training lesions in each outer fold. Each is a catalog entry of
        its own.
    metadata : dict, optional
        Read by kedro-viz.

    Examples
    --------
    >>> FeatureTablesDataset(sources={}).load()
    {}
    """

    _NAME = "further_features"
    _PARTS = ("features", "schema", "stability", "nested")
    _BY_LESION = ("features", "nested")

    def load(self) -> dict[str, dict[str, Any]]:
        """Return the tables by source and name."""
        return {
            name: {
                table: _indexed(
                    dataset.load(), "lesion_id" if table in self._BY_LESION else "feature"
                )
                for table, dataset in tables.items()
            }
            for name, tables in self._sources.items()
        }


def _indexed(table: Any, index: str) -> Any:
    """Return a table with its key as index, which a CSV file holds as a column."""
    return table.set_index(index) if index in table.columns else table.rename_axis(index)
