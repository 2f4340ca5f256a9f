"""Datasets by source, which a study brings along from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from kedro.io import AbstractDataset, DatasetError

Sources = Mapping[str, Mapping[str, dict[str, Any]]]


class SourcesDataset(AbstractDataset):
    """Datasets by source and part, each a catalog entry of its own; read only.

    Parameters
    ----------
    sources : mapping of str to mapping of str to dict
        Entries by source and part.
    metadata : dict, optional
        Read by kedro-viz.

    Raises
    ------
    DatasetError
        If a source has an unknown part, or lacks the one that each needs.
    """

    #: What it is called in the catalog, and the parts of a source, the first of which is needed.
    _NAME: ClassVar[str]
    _PARTS: ClassVar[tuple[str, ...]]

    def __init__(
        self, *, sources: Sources | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        self._sources: dict[str, dict[str, AbstractDataset]] = {}
        for name, parts in (sources or {}).items():
            unknown = sorted(set(parts) - set(self._PARTS))
            if unknown or self._PARTS[0] not in parts:
                what = f"the unknown part '{unknown[0]}'" if unknown else f"no '{self._PARTS[0]}'"
                raise DatasetError(
                    f"{self._NAME}.sources.{name} has {what}; "
                    f"a source has {', '.join(self._PARTS)}, the first alone needed"
                )
            self._sources[name] = {
                part: AbstractDataset.from_config(f"{name}.{part}", dict(config))
                for part, config in parts.items()
            }
        self.metadata = metadata

    def parts(self) -> list[AbstractDataset]:
        """Return the datasets of all parts."""
        return [dataset for parts in self._sources.values() for dataset in parts.values()]

    def save(self, data: Any) -> None:
        """Refuse: these come from outside."""
        raise DatasetError(f"{self._NAME} is only read")

    def _describe(self) -> dict[str, Any]:
        return {
            "sources": {
                name: {part: dataset._describe() for part, dataset in parts.items()}
                for name, parts in self._sources.items()
            }
        }

    def _exists(self) -> bool:
        return all(dataset.exists() for dataset in self.parts())
