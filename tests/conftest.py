"""Shared by all tests: the data sets that only some machines have, and the rule on skips."""

import gc
import os
import shutil
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import spl_kedro  # noqa: F401 - before NumPy, whose kernels it decides

PROJECT_ROOT = Path(__file__).parents[1]

# Nothing a test starts may write outside its folder or call home.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "1")
# Test processes side by side share the cores: each keeps to one thread.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# Python looks through all objects for circles so often that it takes a tenth of the time.
gc.set_threshold(100_000, 50, 50)


#: Files of half a minute or more, the longest first.
LONG = (
    "tests/test_study.py", "tests/sceptic/controls/test_studies.py", "tests/test_privacy.py",
    "tests/pipelines/sealing/test_sealed_study.py", "tests/test_kills.py",
    "tests/reporting/test_browser.py",
    "tests/pipelines/external_validation/test_external_validation.py",
    "tests/matrix/test_mistakes.py", "tests/features/deep/test_crossfit.py",
    "tests/pipelines/audit/test_audit.py", "tests/matrix/test_tables.py",
    "tests/test_orchestration.py", "tests/reporting/test_page.py", "tests/serving/test_served.py",
    "tests/features/deep/test_leakage.py", "tests/matrix/test_damaged_study.py",
    "tests/matrix/test_cases.py", "tests/modeling/signatures/test_nesting_probe.py",
    "tests/test_servers.py", "tests/features/deep/test_weights_file_resnet50.py",
    "tests/test_previews.py", "tests/test_several_images.py",
    "tests/features/radiomics/test_breast.py", "tests/test_site.py",
    "tests/features/deep/test_nesting.py", "tests/sceptic/outlines/test_study.py",
    "tests/test_forks.py", "tests/reporting/test_figures_and_tables.py",
    "tests/pipelines/modeling/test_pipeline.py", "tests/pipelines/deep_features/test_pipeline.py",
    "tests/modeling/signatures/test_protocol.py", "tests/features/measurement/test_extraction.py",
    "tests/reporting/test_cards_and_files.py", "tests/test_commands.py", "tests/test_catalog.py",
    "tests/test_coverage.py", "tests/features/radiomics/test_equality.py",
    "tests/test_short_commands.py", "tests/pipelines/data_processing/test_vanishing_files.py",
    "tests/test_notebooks.py", "tests/reporting/test_calculator.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    """Start with the longest files, so that the processes end at about the same time."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))


def pytest_collection_finish():
    """Look no more through what was imported: pytest collects garbage five times at its end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def breast_dir() -> Path:
    """Folder of the public BrEaST cohort."""
    folder = os.environ.get("BREAST_DIR")
    if not folder:
        pytest.skip("no BrEaST images (set BREAST_DIR to their folder, see docs/breast.md)")
    return Path(folder)


@pytest.fixture(scope="session")
def lung_dir() -> Path:
    """Folder of real images of the lung."""
    folder = os.environ.get("LUNG_DIR")
    if not folder:
        pytest.skip("no real lung images (set LUNG_DIR to their folder, see docs/simulation.md)")
    return Path(folder)


@pytest.fixture(scope="session")
def pyradiomics() -> ModuleType:
    """Return pyradiomics, the reference of the radiomics engine."""
    if find_spec("radiomics") is None and sys.version_info >= (3, 12):
        pytest.skip("no pyradiomics (it builds on Python 3.11 only)")
    import radiomics

    return radiomics


def pytest_runtest_makereport(item, call):
    """Turn skips into failures where nothing but GPU tests may be skipped."""
    skipped = call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception)
    if skipped and os.environ.get("SPL_KEDRO_NO_SKIPS") and "gpu" not in item.keywords:
        try:
            pytest.fail(f"skipped where no test may be: {call.excinfo.value}", pytrace=False)
        except pytest.fail.Exception:
            call.excinfo = pytest.ExceptionInfo.from_current()


@pytest.hookimpl(trylast=True)  # below what other plugins report
def pytest_terminal_summary(terminalreporter):
    """Say in one line what was not tested here, and what each of it needs."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if reasons:
        needs = "; ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items()))
        terminalreporter.write_line(f"Tests skipped: {needs}.", yellow=True)


def _shared(tmp_path_factory) -> Path:
    """Return the folder that all processes of this run of the suite have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def miniature(tmp_path_factory):
    """The study in miniature, finished."""
    from tests.miniature import finished

    return finished(_shared(tmp_path_factory) / "miniature")


@pytest.fixture(scope="session")
def miniature_cohort(tmp_path_factory):
    """The simulated patients of the miniature and its cohort, and no step after them."""
    from tests.miniature import finished

    steps = ("--pipelines", "simulation,data_processing")
    return finished(_shared(tmp_path_factory) / "miniature_cohort", *steps)


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, driven by Playwright."""
    from tests.chromium import ARGUMENTS, PATIENCE

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on the PATH (Debian: apt-get install chromium)")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright (pip install playwright)"
    )
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS, timeout=PATIENCE)
        yield running
        running.close()
