"""The documentation becomes a site: nothing missing, nothing broken, nothing fetched."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from importlib import util
from types import ModuleType

import pytest
import yaml
from tests.projects import ROOT, make_project

#: A page that nobody named in the navigation, with two mistakes.
NEWCOMER = "# A new page\n\n[nowhere](nowhere.md) and [no part](inputs.md#no-such-part)\n\n- `x`\n"


def making(name: str) -> ModuleType:
    """Import a module of the site's making."""
    spec = util.spec_from_file_location(name, ROOT / f"docs/_making/{name}.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site with one faulty page more; what was said, and the folder."""
    project = make_project(tmp_path_factory.mktemp("site"))
    shutil.copytree(ROOT / "docs", project / "docs")
    for path in ROOT.glob("*.md"):
        shutil.copy(path, project)
    (project / "docs/newcomer.md").write_text(NEWCOMER)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "conf/mkdocs.yml"],
        cwd=project,
        env=os.environ | {"SPL_KEDRO_ROOT": str(project), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 1, built.stdout + built.stderr
    return built.stdout + built.stderr, project / "build/site"


def test_the_two_mistakes_of_the_new_page_are_the_only_warnings_and_end_the_build(site):
    said, _ = site
    warnings = [line for line in said.splitlines() if "WARNING" in line]
    assert len(warnings) == 2, warnings
    assert all("newcomer.md" in line for line in warnings)
    assert any("nowhere.md" in line for line in warnings)
    assert any("no-such-part" in line for line in warnings)


def test_a_page_that_the_navigation_does_not_name_is_found_under_reference(site):
    page = (site[1] / "tables.html").read_text()
    reference = page[page.index("Reference") :]
    assert 'href="newcomer.html"' in reference


def test_no_page_asks_another_host_for_anything(site):
    fetched = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(?:https?:)?//[^\"]+")
    for page in site[1].rglob("*.html"):
        assert not fetched.findall(page.read_text()), page.name
    for style in site[1].rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text())


def test_every_parameter_of_the_configuration_is_on_its_page(site):
    # Fault: a group that is checked by no class of settings.
    page = (site[1] / "parameters.html").read_text()
    for file in sorted((ROOT / "conf/base").glob("parameters_*.yml")):
        for group in yaml.safe_load(file.read_text()) or {}:
            assert f'id="{group}"' in page, group
    for key in ("protocol.n_repeats", "extraction.bin_width", "trained_blocks", "sealed"):
        assert f"<code>{key}</code>" in page
    # Of the code, of the file, and of the other environments.
    assert "width of a grey-level bin" in page.lower()
    assert "study: <code>10</code>" in page


def test_the_schemas_and_the_functions_for_notebooks_are_on_their_pages(site):
    from spl_kedro import api

    tables = (site[1] / "tables.html").read_text()
    assert set(making("tables_page").schemas()) <= set(re.findall(r'<h2 id="\w+">(\w+)', tables))
    assert "a patient appears in more than one cohort" in tables
    page = (site[1] / "api.html").read_text()
    assert all(f'id="spl_kedro.api.{name}"' in page for name in api.__all__)


def test_formulas_are_shown_without_a_script(site):
    page = (site[1] / "methods.html").read_text()
    assert page.count("<math") == (ROOT / "docs/methods.md").read_text().count("```math")
    assert "\\frac" not in page


def test_lists_and_tables_are_set_apart_as_the_example_says(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs/_making")
    result = doctest.testmod(making("hooks"))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_drawing_of_the_concepts_is_what_its_code_makes():
    drawn = (ROOT / "docs/images/concepts.svg").read_text()
    assert making("concepts_drawing").drawing() == drawn


@pytest.mark.browser
def test_no_page_is_wider_than_a_phone(site):
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no Chromium on the PATH")
    wide, asked = [], []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = started.new_page(viewport={"width": 390, "height": 844})
        page.on("request", lambda request: asked.append(request.url))
        for path in sorted(site[1].glob("*.html")):
            if path.name != "404.html":
                page.goto(path.as_uri())
                if page.evaluate("document.documentElement.scrollWidth") > 390:
                    wide.append(path.name)
        started.close()
    assert wide == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
