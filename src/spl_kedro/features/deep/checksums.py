"""Which network it was: checksums of stored weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def network_checksums(networks: Mapping[str, Any]) -> dict[str, str]:
    """Return a SHA-256 of each network's weights.

    Parameters
    ----------
    networks : mapping of str to state dict
        Tensors by name, or a callable that loads them.

    Returns
    -------
    dict of str to str
        64 hexadecimal digits each; they depend on names, shapes, types and values alone.
    """
    return {name: _checksum(networks[name]) for name in sorted(networks)}


def _checksum(state: Any) -> str:
    digest = hashlib.sha256()
    tensors = state() if callable(state) else state
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous().numpy()
        digest.update(f"{name} {values.dtype} {values.shape} ".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()
