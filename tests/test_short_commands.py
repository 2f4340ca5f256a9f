"""Documented commands that take seconds, typed as they stand in projects of their own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.long.scratch import activated, serving, typed
from tests.projects import ROOT, kedro_commands, make_project
from tests.test_servers import free_port

#: Servers: what makes them answer here alone, and a word of their first page.
SERVERS = {
    "python -m http.server --bind 127.0.0.1 --directory build/site": ("{port}", "of the site"),
    "jupyter lab notebooks": ("--no-browser --ip 127.0.0.1 --port {port}", "Jupyter"),
    "mlflow server --serve-artifacts": ("--port {port} --workers 1", "MLflow"),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in which make finds what is installed."""
    # Nothing is written to the folders of whoever runs the tests.
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
                 "PRE_COMMIT_HOME"):  # fmt: skip
        monkeypatch.setenv(name, str(tmp_path / name))
    project = make_project(tmp_path / "project")
    shutil.copy(ROOT / "Makefile", project)
    (project / ".venv").symlink_to(sys.prefix)
    return project


def said(project: Path, text: str) -> str:
    ended = typed(project, text.split(), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


@pytest.mark.parametrize("text", SERVERS)
def test_the_server_answers_on_this_machine(text, project, monkeypatch):
    (project / "build/site").mkdir(parents=True)
    (project / "build/site/index.html").write_text("the first page of the site")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    more, word = SERVERS[text]
    if text.startswith("jupyter") and os.geteuid() == 0:
        more += " --allow-root"
    monkeypatch.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")  # ten processes of MLflow's
    with serving(project, f"{text} {more}".split(), str(free_port())) as page:
        assert word in page


def test_pipelines_and_datasets_are_listed(project):
    # In one process, which starts kedro once.
    ran = kedro_commands(project, ["registry", "list"], ["catalog", "resolve-patterns"])
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "- cdlr" in ran.stdout
    assert "cdlr_model" in ran.stdout


def test_the_targets_are_listed(project):
    assert "docs " in said(project, "make help")


def test_what_follows_a_run_takes_the_settings_that_the_run_took(project):
    # Fault: --env base, in which Kedro leaves conf/local out.
    for target in ("run", "predict", "check", "viz", "viz-build"):
        assert "--env" not in said(project, f"make --dry-run {target}")
        assert "KEDRO_ENV" not in said(project, f"make --dry-run {target}")
    assert said(project, "make --dry-run predict ENV=test").count("--env test") == 2
    assert "KEDRO_ENV=test" in said(project, "make --dry-run viz-build ENV=test")
    assert "--env mine " in said(project, "make --dry-run check STUDY=conf/mine/")


def test_stored_results_are_counted_and_removed(project):
    entry = project / ".cache/audit/ab" / f"{'ab' * 32}.entry"
    deep = project / ".cache/deep/state.pt"
    for file in (entry, deep):
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(2_000_000))
    assert "audit: 1 entries, 2.0 MB" in said(project, "make cache-size")
    assert entry.exists()
    assert "deleted " in said(project, "make clean-cache")
    assert not entry.exists()
    assert not deep.parent.exists()


def test_the_quick_checks_are_installed_into_a_repository(project):
    subprocess.run(["git", "init", "--quiet", project], check=True)
    assert "pre-commit installed" in said(project, "pre-commit install")
    assert "pre-commit" in (project / ".git/hooks/pre-commit").read_text()


def test_pseudonyms_are_made_by_a_key(project):
    made = "python -m spl_kedro.cohort.pseudonyms"
    said(project, f"{made} --make-key key")
    ended = typed(
        project, f"{made} --key key".split(), input="case 1\n", capture_output=True, text=True
    )
    assert re.search(r"\b[0-9a-f]{12}\b", ended.stdout), ended.stderr


def test_a_case_to_be_scored_is_written_by_the_lines_of_its_page(tmp_path):
    page = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"^python - > case\.json <<'PYTHON'\n.*?^PYTHON$", page, re.M | re.S)
    for name in ("image.png", "outline.png"):
        (tmp_path / name).write_bytes(name.encode())
    subprocess.run(["bash", "-c", lines], cwd=tmp_path, env=activated(tmp_path), check=True)
    (case,) = json.loads((tmp_path / "case.json").read_text())["inputs"]
    assert case["outline"] == "b3V0bGluZS5wbmc="
    assert case["clinical"]["age"] == 61
