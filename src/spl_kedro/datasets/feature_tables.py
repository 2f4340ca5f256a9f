"""The tables of further sources of features, which a study brings along from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedro.io import AbstractDataset, DatasetError


class FeatureTablesDataset(AbstractDataset):
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

    _TABLES = ("features", "schema", "stability", "nested")
    _BY_LESION = ("features", "nested")

    def __init__(
        self,
        *,
        sources: Mapping[str, Mapping[str, dict[str, Any]]] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._sources: dict[str, dict[str, AbstractDataset]] = {}
        for name, tables in (sources or {}).items():
            unknown = sorted(set(tables) - set(self._TABLES))
            if unknown or "features" not in tables:
                what = f"the unknown table '{unknown[0]}'" if unknown else "no table 'features'"
                raise DatasetError(
                    f"further_features.sources.{name} has {what}; "
                    f"a source has {', '.join(self._TABLES)}, the first alone needed"
                )
            self._sources[name] = {
                table: AbstractDataset.from_config(f"{name}.{table}", dict(config))
                for table, config in tables.items()
            }
        self.metadata = metadata

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

    def tables(self) -> list[AbstractDataset]:
        """Return the datasets of all tables."""
        return [dataset for tables in self._sources.values() for dataset in tables.values()]

    def save(self, data: Any) -> None:
        """Refuse: these tables come from outside."""
        raise DatasetError("tables of further sources of features are only read")

    def _describe(self) -> dict[str, Any]:
        return {
            "sources": {
                name: {table: dataset._describe() for table, dataset in tables.items()}
                for name, tables in self._sources.items()
            }
        }

    def _exists(self) -> bool:
        return all(d.exists() for tables in self._sources.values() for d in tables.values())


def _indexed(table: Any, index: str) -> Any:
    """Return a table with its key as index, which a CSV file holds as a column."""
    return table.set_index(index) if index in table.columns else table.rename_axis(index)
