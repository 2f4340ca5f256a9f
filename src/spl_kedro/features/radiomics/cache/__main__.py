"""Command line of the cache: report its size or clean it."""

from __future__ import annotations

import argparse
from pathlib import Path

from spl_kedro.features.radiomics.cache import FeatureCache
from spl_kedro.features.radiomics.settings import CacheSettings


def default_directory() -> Path:
    """Cache folder of the Kedro project around the working directory, else around this file.

    Returns
    -------
    Path
        Relative to the working directory where neither lies in a Kedro project.
    """
    relative = Path(CacheSettings().directory)
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).parents):
        project = folder / "pyproject.toml"
        if project.is_file() and "[tool.kedro]" in project.read_text(encoding="utf-8"):
            return folder / relative
    return relative


def main(arguments: list[str] | None = None) -> None:
    """Report or clean the cache.

    Parameters
    ----------
    arguments : list of str, optional
        In the place of the command line's.
    """
    parser = argparse.ArgumentParser(
        prog="python -m spl_kedro.features.radiomics.cache", description=__doc__
    )
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--report", action="store_true", help="say how large the cache is")
    action.add_argument("--clean", action="store_true", help="delete it")
    default = default_directory()
    parser.add_argument("--directory", default=str(default), help=f"its folder (default {default})")
    options = parser.parse_args(arguments)
    cache = FeatureCache(options.directory)
    print(cache.clean() if options.clean else cache.report())


if __name__ == "__main__":
    main()
