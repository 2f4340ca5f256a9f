"""Formulas as MathML, which browsers show by themselves: no script, no typeface, no network."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"^```math\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def with_formulas(markdown: str) -> str:
    """Turn each block of code called ``math`` into MathML.

    Parameters
    ----------
    markdown : str
        A page; a formula is a fenced block in LaTeX, as code hosts show it too.

    Returns
    -------
    str
    """
    return _BLOCK.sub(lambda found: _formula(found[1]), markdown)


def _formula(latex: str) -> str:
    from latex2mathml.converter import convert

    maths = convert(" ".join(latex.split()), display="block")
    return f'<div class="formula">{maths}</div>'
