"""The machine a network runs on: device, precision, threads, reproducibility."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator

import psutil
import torch

from spl_kedro.features.deep.settings import DeepSettings


def choose_device(settings: DeepSettings) -> torch.device:
    """Return the device of these settings; ``auto`` takes a GPU when there is one.

    Raises
    ------
    ValueError
        If a GPU is asked for and none is usable.
    """
    present = torch.cuda.is_available()
    if settings.device == "cuda" and not present:
        raise ValueError(
            "deep_features.device: cuda was asked for, but PyTorch sees no GPU. Set it to auto "
            "or cpu, or install a driver and a CUDA build of PyTorch."
        )
    return torch.device("cuda" if present and settings.device != "cpu" else "cpu")


def autocast(device: torch.device, settings: DeepSettings) -> torch.autocast:
    """Return the mixed-precision context of training.

    A processor without instructions for bfloat16 emulates it, twenty times slower than float32.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=uses_bfloat16(device, settings))


def uses_bfloat16(device: torch.device, settings: DeepSettings) -> bool:
    """Return whether training on a device computes in bfloat16."""
    return settings.precision == "bf16" or (settings.precision == "auto" and device.type == "cuda")


def derive_seed(*parts: object) -> int:
    """Return a seed that depends on all parts, so no two uses share a random stream."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


@contextlib.contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use this many threads for the time of a block.

    Their number decides in which order sums are taken, hence the last bits of every result.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def free_cores(seconds: float = 0.1) -> int:
    """Return how many of this process's cores others leave free, at least 1.

    Threads that wait for each other stand still when one of them waits for a core: beside other
    work fewer threads are faster.

    Parameters
    ----------
    seconds : float, default=0.1
        How long to watch.
    """
    own = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    busy = psutil.cpu_percent(seconds, percpu=True)
    idle = [1 - share / 100 for core, share in enumerate(busy) if own is None or core in own]
    return max(1, round(sum(idle)))


@contextlib.contextmanager
def reproducible(settings: DeepSettings, *, spare_cores: bool = False) -> Iterator[None]:
    """Fix threads and algorithms for the time of a block, and keep the caller's random state.

    The number of threads is a setting and not whatever the machine offers, see `torch_threads`.

    Parameters
    ----------
    settings : DeepSettings
        `threads` and `deterministic`.
    spare_cores : bool
        Take no more threads than cores are free: for embedding, whose bytes do not depend on
        the number of threads.
    """
    threads = settings.threads
    if spare_cores and threads > 1:
        threads = min(threads, free_cores())
    strict = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    benchmark = torch.backends.cudnn.benchmark
    # cuBLAS reads this before its first call only.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(settings.deterministic)
    torch.backends.cudnn.benchmark = not settings.deterministic
    try:
        with torch_threads(threads), torch.random.fork_rng():
            yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warn_only)
        torch.backends.cudnn.benchmark = benchmark


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that a batch did not fit in memory."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "can't allocate memory" in text or "not enough memory" in text
    )
