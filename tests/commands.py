"""The commands that README and documentation tell a reader to type."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.projects import ROOT

PROGRAMS = "kedro|make|python|pytest|mlflow|dask|jupyter|uv|pip|pre-commit"
_COMMAND = re.compile(rf"^(?:[A-Z_]+=\S* )*(?:\.venv/bin/)?((?:{PROGRAMS})(?: .*)?)$")
_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_NOT_A_SHELL = {"python", "yaml", "math", "json", "bibtex"}


class Command(NamedTuple):
    """A command as it is written, and where."""

    text: str
    page: str

    @property
    def words(self) -> list[str]:
        """Its words; of what may be left out ([--option ...]) all is taken."""
        return shlex.split(re.sub(r"(?<=\s)\[|\]+(?=\s|$)", "", self.text))


def pages() -> list[Path]:
    """Return the pages whose commands are for a reader."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def commands() -> list[Command]:
    """Return every command once for each page that names it, a program alone left out."""
    found = {Command(text, page.name) for page in pages() for text in _written(page.read_text())}
    return sorted(found)


def _written(page: str) -> Iterator[str]:
    for block in _FENCED.finditer(page):
        if block[2] not in _NOT_A_SHELL:
            yield from _shell(block[3])
    prose = _FENCED.sub("", page)
    yield from _shell("\n".join(re.findall(r"^ {4,}(.*)$", prose, re.MULTILINE)))
    for span in re.findall(r"`([^`]+)`", prose):
        yield from _shell(" ".join(span.split()))


def _shell(lines: str) -> Iterator[str]:
    for line in lines.splitlines():
        bare = re.sub(r"\s+#.*$", "", line.strip())
        command = _COMMAND.match(bare)
        # A program or a file alone is a word for it.
        if command and " " in command[1]:
            yield command[1].strip()
