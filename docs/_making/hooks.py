"""What the site's build adds to the pages of docs/, which are written to be read on their own.

MkDocs calls these functions by their names. Pages need not know that a site is made of them: their
lists, links and formulas are those that a code host shows too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from formulas import with_formulas
from parameters_page import parameter_tables
from tables_page import table_schemas

ROOT = Path(__file__).resolve().parents[2]
#: Pages of the repository's top level, by the names they have in the site.
TOP = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
#: What a page holds in a comment, and what is written in its place.
MADE = {
    "<!-- parameters: written by make docs -->": parameter_tables,
    "<!-- tables: written by make docs -->": table_schemas,
}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"^(```|~~~)")
_ITEM = re.compile(r"^(\s*)([-*]|\d+\.) ")


def on_config(config: Any) -> Any:
    """Put pages that the navigation does not name under Reference, so that none is lost."""
    named = set(re.findall(r"[\w/]+\.md", str(config.nav)))
    found = {
        path.relative_to(config.docs_dir).as_posix() for path in Path(config.docs_dir).glob("*.md")
    }
    (reference,) = (part["Reference"] for part in config.nav if "Reference" in part)
    reference.extend(sorted(found - named))
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the repository's top level."""
    from mkdocs.structure.files import File

    for source, name in TOP.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=_from_top(text)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Fill in what is made from the code, and adapt the page to this site's Markdown."""
    for mark, write in MADE.items():
        if mark in markdown:
            markdown = markdown.replace(mark, write(ROOT))
    return with_formulas(with_blank_lines(_inside(markdown)))


def with_blank_lines(markdown: str) -> str:
    r"""Set lists and tables apart from the paragraph above, and nest by four blanks.

    Parameters
    ----------
    markdown : str
        As CommonMark allows it: a list may follow its paragraph at once, and be nested by two
        blanks.

    Returns
    -------
    str
        The same as Python-Markdown reads it; code stays as it is.

    Examples
    --------
    >>> with_blank_lines("Two:\n- one\n  - half")
    'Two:\n\n- one\n    - half'
    """
    lines: list[str] = []
    fenced = False
    before = ""
    for line in markdown.split("\n"):
        if _CODE.match(line.strip()):
            fenced = not fenced
        item = _ITEM.match(line)
        if item and not fenced and len(item[1]) in (2, 3):
            line = "    " + line.lstrip()
        starts = (item and not _ITEM.match(before) and not before.startswith(" ")) or (
            line.startswith("|") and not before.startswith("|")
        )
        if starts and not fenced and before.strip():
            lines.append("")
        lines.append(line)
        before = line
    return "\n".join(lines)


def _from_top(markdown: str) -> str:
    """Return a page of the top level with links as from docs/."""

    def moved(found: re.Match) -> str:
        text, target = found[1], found[2]
        if "://" in target or target.startswith("#"):
            return found[0]
        return f"[{text}]({posixpath.relpath(target, 'docs')})"

    return _LINK.sub(moved, markdown)


def _inside(markdown: str) -> str:
    """Return a page whose links stay in the site: of a file of the repository its name is left."""

    def kept(found: re.Match) -> str:
        text, target = found[1], found[2]
        if not target.startswith("../"):
            return found[0]
        path, _, anchor = target.removeprefix("../").partition("#")
        if path in TOP:
            return f"[{text}]({TOP[path]}{'#' + anchor if anchor else ''})"
        if not (ROOT / path).exists():
            raise FileNotFoundError(f"a page links to {path}, which is not in the repository")
        return f"{text} (`{path}`)" if path not in text else text

    return _LINK.sub(kept, markdown)
