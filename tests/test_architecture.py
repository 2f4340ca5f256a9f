"""The drawing of the layers is the one the import contract enforces."""

import re
import tomllib

from tests.projects import ROOT


def drawn_layers() -> list[set[str]]:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    drawing = page.split("```")[1].strip("\n")
    source = ROOT / "src/spl_kedro"
    packages = {path.stem for path in source.iterdir()}
    packages |= {f"modeling.{path.stem}" for path in (source / "modeling").iterdir()}
    # Names stand before the words, which three blanks set apart.
    columns = [re.split(r"\s{3,}", line.strip())[0] for line in drawing.splitlines()]
    layers = [set(column.split()) for column in columns]
    assert set().union(*layers) <= packages
    return layers


def test_the_drawing_shows_the_layers_of_the_contract():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        contract for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )  # fmt: skip
    enforced = [
        {name.strip().removeprefix("spl_kedro.") for name in re.split("[|:]", layer)}
        for layer in contract["layers"]
    ]
    assert drawn_layers() == enforced


def test_every_package_has_its_place_in_the_drawing():
    source = ROOT / "src/spl_kedro"
    packages = {path.name for path in source.iterdir() if (path / "__init__.py").is_file()}
    # Of the package modeling its two parts are drawn.
    drawn = {name.split(".")[0] for name in set().union(*drawn_layers())}
    assert packages <= drawn
