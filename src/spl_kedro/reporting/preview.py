"""An excerpt of the study report for viewers that cannot show a whole page."""

from __future__ import annotations

import re

_HEAD = re.compile(r"<header class=[\"']top[\"']>(.*?)</header>", re.DOTALL)
_BANNER = re.compile(r'<aside class="banner"[^>]*>(.*?)</aside>', re.DOTALL)
_FACT = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>", re.DOTALL)
# The lines of a fact, which a style sheet would put below each other.
_SPANS = re.compile(r"</span>\s*<span[^>]*>")
_MODELS = re.compile(r'<table id="table-performance">.*?</table>', re.DOTALL)
_CELL = ' style="text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0;"'


def report_preview(page: str, file_name: str) -> str:
    """Return the report's head and the performance of the models as plain HTML.

    Parameters
    ----------
    page : str
        The report, from `build_report`.
    file_name : str
        Where the whole report is, named in the excerpt.

    Returns
    -------
    str
        One line of HTML without style sheet, script or pictures. The banner of simulated patients
        is kept where the report has one.

    Raises
    ------
    ValueError
        If the page is not a study report.
    """
    head = _HEAD.search(page)
    if head is None:
        raise ValueError(f"{file_name} has no report header: write it with the reporting pipeline")
    banner = _BANNER.search(page)
    parts = [f"<p>{banner.group(1)}</p>"] if banner else []
    title = re.search(r"<h1>(.*?)</h1>", head.group(1), re.DOTALL)
    parts.append(f"<h2>{title.group(1)}</h2>" if title else "")
    facts = [
        f"<tr><th>{_SPANS.sub('<br>', value)}</th><td>{label}</td></tr>"
        for label, value in _FACT.findall(head[1])
    ]
    parts.append(f"<table><tbody>{''.join(facts)}</tbody></table>" if facts else "")
    models = _MODELS.search(page)
    parts.append(models.group(0) if models else "")
    parts.append(f"<p>This is an excerpt; the whole report is the file {file_name}.</p>")
    html = " ".join("".join(parts).split())
    return re.sub(r"<(th|td)\b", rf"<\1{_CELL}", html)
