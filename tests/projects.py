"""Projects for tests that run Kedro as a user does."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]


def make_project(folder: Path) -> Path:
    """Lay out a project that shares this one's code and configuration, with its own data."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / ".telemetry", folder)
    # Kedro wants the source folder itself to lie in the project.
    (folder / "src").mkdir()
    (folder / "src/spl_kedro").symlink_to(ROOT / "src/spl_kedro")
    return folder
