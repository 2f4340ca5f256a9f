"""The log where somebody looks: its lines stand above the progress bar, not in it."""

from __future__ import annotations

import logging
import sys


class BesideBars(logging.StreamHandler):
    """Takes the bar away, writes the line, and draws the bar again."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        from tqdm import tqdm

        try:
            with tqdm.external_write_mode(file=self.stream):
                super().emit(record)
        except Exception:
            self.handleError(record)


def install() -> None:
    """Let the log's lines and the bars share the terminal, and the log take Python's warnings."""
    logging.captureWarnings(True)
    root = logging.getLogger()
    for handler in list(root.handlers):
        if type(handler) is logging.StreamHandler and handler.stream is sys.stdout:
            if not sys.stdout.isatty():
                continue
            beside = BesideBars(handler.stream)
            beside.setFormatter(handler.formatter)
            beside.setLevel(handler.level)
            root.removeHandler(handler)
            root.addHandler(beside)
