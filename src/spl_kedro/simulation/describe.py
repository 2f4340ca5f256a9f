"""The assumptions in words: the table of trait distributions that the documentation shows."""

from __future__ import annotations

from spl_kedro.simulation.traits import Distribution, Trait, TraitSettings

_SHAPES = {
    "normal": "normal",
    "censored": "normal, cut to 0 below",
    "lognormal": "log-normal",
    "bernoulli": "yes/no",
}


def _distribution(trait: Trait, part: Distribution) -> str:
    if trait.family == "bernoulli":
        return f"{part.location:.0%}"
    if trait.family == "lognormal":
        return f"{part.location:g} ×/÷ e^{part.spread:g}"
    return f"{part.location:g} ± {part.spread:g}"


def trait_table(traits: TraitSettings) -> str:
    """Return the Markdown table of every trait's distribution in both classes.

    Parameters
    ----------
    traits : TraitSettings
        The settings to describe.

    Returns
    -------
    str
        One row per trait: name, unit, shape, benign and malignant distribution, range, and
        where the direction of the difference comes from. The numbers are assumptions.
    """
    lines = [
        "| trait | unit | shape | benign | malignant | range | direction |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, info in type(traits).model_fields.items():
        trait: Trait = getattr(traits, name)
        extra = info.json_schema_extra
        unit = extra["unit"] if isinstance(extra, dict) else ""
        cells = (
            f"`{name}`",
            unit,
            _SHAPES[trait.family],
            _distribution(trait, trait.benign),
            _distribution(trait, trait.malignant),
            f"{trait.low:g} – {trait.high:g}",
            info.description,
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)
