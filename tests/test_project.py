"""The files about the project agree with it and with each other."""

import re
import tomllib

import pytest
import yaml
from tests.projects import ROOT

import spl_kedro

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text())


def test_one_version_is_stated_everywhere():
    citation = read("CITATION.cff")
    bibtex = re.search(r"version = \{(.+?)\}", (ROOT / "README.md").read_text())[1]
    changes = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    versions = {PROJECT["version"], spl_kedro.__version__, citation["version"], bibtex, changes[0]}
    assert len(versions) == 1
    assert citation["license"] == PROJECT["license"]


def test_the_citation_names_the_publication_that_the_readme_names():
    (article,) = read("CITATION.cff")["references"]
    readme = (ROOT / "README.md").read_text()
    assert article["doi"] in readme
    assert article["title"] in " ".join(readme.split())


def test_the_workflow_runs_what_runs_here_and_no_more():
    steps = read(".github/workflows/ci.yml")["jobs"]["run"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]


def test_the_weekly_workflow_measures_coverage_by_the_command_that_has_a_floor():
    workflow = read(".github/workflows/coverage.yml")
    steps = workflow["jobs"]["run"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["make coverage"]
    assert "schedule" in workflow[True]  # YAML reads `on` as true
    makefile = (ROOT / "Makefile").read_text()
    recipes = {
        name: re.search(rf"^{name}: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
        for name in ("test", "coverage")
    }
    plain, measured = (recipes[name].split() for name in ("test", "coverage"))
    assert measured[: len(plain)] == plain
    assert measured[len(plain)] == "--cov"
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
    assert tools["run"]["source"] == ["spl_kedro"]
    assert 70 <= tools["report"]["fail_under"] <= 100


def test_hooks_before_a_commit_fetch_nothing():
    assert {repository["repo"] for repository in read(".pre-commit-config.yaml")["repos"]} == {
        "local"
    }


@pytest.mark.parametrize("name", ["fault", "proposal"])
def test_a_template_of_an_issue_asks_questions_that_have_names(name):
    template = read(f".github/ISSUE_TEMPLATE/{name}.yml")
    asked = [part for part in template["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in asked}) == len(asked) > 2
    assert all(part["attributes"]["label"] for part in asked)


def test_an_issue_is_asked_for_without_patients():
    text = (ROOT / ".github/ISSUE_TEMPLATE/fault.yml").read_text()
    assert "No patient's data" in text
    assert "SECURITY.md" in text


def test_the_table_and_the_sample_of_the_readme_say_the_same():
    # Fault: one of the two of an earlier run.
    readme = (ROOT / "README.md").read_text()
    table = re.findall(r"^\| (\w+) \| [\d.]+ \(.+?\) \| ([\d.]+ \(.+?\)) \|", readme, re.MULTILINE)
    sample = re.findall(r"^│   (\w+) +│ ([\d.]+ \([\d.-]+\))", readme, re.MULTILINE)
    assert [(name, text.replace(" to ", "-")) for name, text in table] == sample
    assert len(sample) == 5
