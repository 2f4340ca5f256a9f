"""Decoders that do what decoders should not, called in a process of their own."""

import ctypes
import os
import signal
import time
from pathlib import Path

import numpy as np

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule


def pixels(side):
    return np.arange(side * side, dtype=np.uint16).reshape(side, side)


def process():
    return os.getpid()


def abort():
    os.abort()


def read_from_nowhere():
    ctypes.string_at(0)


def exit_in_good_order():
    os._exit(0)


def hang(seconds=3600):
    time.sleep(seconds)


def hang_and_ignore_signals():
    for one in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
        signal.signal(one, signal.SIG_IGN)
    time.sleep(3600)


def grow(megabytes):
    return len(bytearray(megabytes * 2**20))


def run_out_of_memory_like_itk():
    raise RuntimeError("Exception thrown: Failed to allocate memory for image.")


def die_once(mark):
    """Abort, the first time."""
    if not Path(mark).exists():
        Path(mark).touch()
        os.abort()
    return "done"


def refuse():
    raise UnusableLesionError(Rule.READABLE, "a.png cannot be read.")


def raise_what_cannot_travel():
    class LocalError(Exception):
        pass

    raise LocalError("of this process")


def memory_of_crashes():
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)
