"""Every command that README and documentation name can be typed as it stands."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.commands import Command, commands, pages
from tests.long import LONG
from tests.projects import ROOT

ALL = commands()
#: What takes seconds, in tests/test_short_commands.py.
SHORT = {
    "jupyter lab", "kedro catalog resolve-patterns", "kedro registry list", "make cache-size",
    "make clean-cache", "make help", "mlflow server", "pre-commit install", "python -",
    "python -m http.server", "python -m spl_kedro.cohort.pseudonyms",
}  # fmt: skip
#: What other tests or scripts run: a file, and words that stand in it.
RUN_ELSEWHERE = {
    "dask scheduler": ("tests/clusters.py", '"scheduler", "--host"'),
    "dask worker": ("tests/clusters.py", '"worker", address'),
    "kedro airflow create": ("tests/test_orchestration.py", "kedro (airflow create"),
    "kedro run": ("tests/test_study.py", '"run", "--env", "test"'),
    "kedro run assisted_outlines": ("tests/test_study.py", "assisted_outlines,sceptic"),
    "kedro run audit": ("tests/pipelines/audit/test_audit.py", "judge_audit"),
    "kedro run backbones": ("tests/pipelines/backbones/test_backbones.py", "backbones"),
    "kedro run cdlr": ("tests/test_privacy.py", '"--pipelines", "cdlr"'),
    "kedro run controls": ("tests/test_study.py", "sceptic,package_study"),
    "kedro run data_processing": ("tests/matrix/test_cases.py", '"data_processing"'),
    "kedro run deep_features": ("tests/pipelines/deep_features/test_pipeline.py", "deep"),
    "kedro run explainability": ("tests/test_study.py", "modeling,explainability,reporting"),
    "kedro run extended": ("tests/test_study.py", '"--env", "extended"'),
    "kedro run external_validation": (
        "tests/pipelines/external_validation/test_external_validation.py",
        '"--pipelines", "external_validation"',
    ),
    "kedro run habitats": ("tests/test_study.py", '"--env", "extended"'),
    "kedro run inference": ("tests/test_study.py", '"--pipelines", "inference"'),
    "kedro run outline_robustness": ("tests/test_study.py", "sceptic,package_study"),
    "kedro run modeling": ("tests/test_study.py", "modeling,explainability,reporting"),
    "kedro run multiclass": ("tests/test_study.py", "multiclass_sections"),
    "kedro run outline_new_images": ("tests/test_study.py", '"outline_new_images"'),
    "kedro run multiple_instance": ("tests/test_study.py", "multiple_instance_sections"),
    "kedro run package_study": ("tests/test_study.py", "sceptic,package_study"),
    "kedro run prediction_stability": ("tests/test_study.py", "sceptic,package_study"),
    "kedro run pretraining": ("tests/pipelines/pretraining/test_pretraining.py", "pretrain"),
    "kedro run readers": ("tests/pipelines/readers/test_readers.py", "readers"),
    "kedro run realism": ("tests/pipelines/realism/test_realism.py", "realism"),
    "kedro run recalibrate": ("tests/deployment/test_recalibration.py", "recalibrate"),
    "kedro run reporting": ("tests/test_study.py", "modeling,explainability,reporting"),
    "kedro run rings": ("tests/test_study.py", '"--env", "extended"'),
    "kedro run sceptic": ("tests/test_study.py", "sceptic,package_study"),
    "kedro run serve_study": ("tests/serving/conftest.py", "serve_study"),
    "kedro run simulation": ("tests/test_kills.py", "simulation,data_processing"),
    "kedro run survival": ("tests/test_study.py", "survival_sections"),
    "kedro run tabular_learners": ("tests/test_study.py", "tabular_learners_performance"),
    "kedro run unseal": ("tests/pipelines/sealing/test_sealed_study.py", "unseal"),
    "kedro viz": ("tests/test_servers.py", "viz"),
    "kedro viz run": ("tests/test_servers.py", "viz"),
    "make docs": ("tests/test_site.py", '"mkdocs", "build", "--strict"'),
    "make install": (".ci/run", "make lint"),  # which installs
    "make lint": (".ci/run", "make lint"),
    "make mlflow": ("tests/test_servers.py", "mlflow"),
    "make serve": ("tests/test_servers.py", "serve"),
    "make test": (".ci/run", "make test"),
    "make viz": ("tests/test_servers.py", "viz"),
    "make viz-build": ("tests/test_servers.py", "build"),
    "mlflow models serve": ("tests/test_servers.py", "serve"),
    "python -m spl_kedro.features.radiomics": ("Makefile", "features.radiomics"),
    "python -m spl_kedro.simulation": ("Makefile", "simulation"),
    "python -m spl_kedro.modeling.evaluation": ("Makefile", "modeling.evaluation"),
    "python -m tests.matrix.page": ("tests/matrix/test_page.py", "page"),
}
#: What nothing runs, and why; its words are checked.
BY_HAND: dict[str, str] = {}

#: Commands that are wrong, and a word of what is to be said of them.
STALE = {
    "kedro run --pipeline cdlr": "warning",
    "kedro run --pipelines cdrl": "no pipeline",
    "kedro run --env tset": "no environment",
    "kedro run --nodes crop_lesion": "no nodes",
    "kedro run --params modeling.repeats=3": "no parameter",
    "kedro run --only-missing": "No such option",
    "kedro registry lists": "no command",
    "python benchmarks/deep.py --embeddings-only": "parser",
}


def kinds_of(command: Command) -> list[str]:
    """Return what a command is one of: programs with what they are told to do."""
    words = command.words
    if words[:2] == ["kedro", "run"]:
        found = re.search(r"--pipelines (\S+)", command.text)
        names = found[1].split(",") if found and found[1] != "NAME" else [""]
        return [f"kedro run {name}".strip() for name in names]
    if words[0] == "python" and words[1] == "-m":
        return [" ".join(words[:3])]
    of_three = {"kedro", "mlflow", "uv"}
    told = [word for word in words if not word.startswith("-")] if words[0] != "python" else words
    return [" ".join(told[: 3 if words[0] in of_three else 1 if words[0] == "pytest" else 2])]


#: What takes minutes: ``make test-commands`` (tests/long).
LONG_KINDS = {kind for text in LONG for kind in kinds_of(Command(text, ""))}


def ids(command: Command) -> str:
    return f"{command.page}: {command.text}"


def own(*programs: str) -> list[Command]:
    return [command for command in ALL if command.words[0] in programs]


def parsed_by_its_program(command: Command) -> bool:
    """Return whether the probe can parse a command: kedro's, and scripts with a parser."""
    words = command.words
    if words[0] == "kedro":
        return True
    # Coverage-guided fuzzing needs a library that is no part of the project.
    if words[0] != "python" or words[2:3] == ["tests.fuzz.covered"]:
        return False
    if words[1] == "-m":
        place = ("src/" if words[2].startswith("spl_kedro") else "") + words[2].replace(".", "/")
        files = [ROOT / f"{place}.py", ROOT / place / "__main__.py"]
    else:
        files = [ROOT / words[1]]
    return any(file.is_file() and "parse_args" in file.read_text() for file in files)


@pytest.fixture(scope="module")
def faults() -> dict[tuple[str, ...], str | None]:
    """Parse all commands in one process."""
    given = {tuple(shell_free(command)) for command in ALL if parsed_by_its_program(command)}
    texts = sorted(given | {tuple(text.split()) for text in STALE})
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tests/command_probe.py")],
        input=json.dumps(texts), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return dict(zip(texts, json.loads(ended.stdout.splitlines()[-1]), strict=True))


def shell_free(command: Command) -> list[str]:
    """Return the words a program gets: no redirection."""
    words = command.words
    return words[: words.index("<")] if "<" in words else words


def test_commands_are_found_where_a_reader_finds_them():
    # Fault: a page in another form, whose commands nobody checks.
    found = {(command.page, command.text) for command in ALL}
    for expected in (
        ("README.md", "make run"),
        ("README.md", "kedro run --env mine --pipelines cdlr"),
        ("scale.md", "dask scheduler --host HOST --no-dashboard"),
        ("quick_start.md", "kedro run --env test"),
    ):
        assert expected in found


@pytest.mark.parametrize("command", [*filter(parsed_by_its_program, ALL)], ids=ids)
def test_a_programs_own_parser_takes_the_command_and_what_it_names_exists(command, faults):
    assert faults[tuple(shell_free(command))] is None


@pytest.mark.parametrize("text", STALE)
def test_a_stale_command_would_be_found(text, faults):
    assert STALE[text] in faults[tuple(text.split())]


@pytest.mark.parametrize("command", own("make"), ids=ids)
def test_the_target_and_the_variables_of_make_exist(command):
    makefile = (ROOT / "Makefile").read_text()
    dry = subprocess.run(
        ["make", "--dry-run", *command.words[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert dry.returncode == 0, dry.stderr
    for word in command.words[1:]:
        name, is_, _ = word.partition("=")
        assert not is_ or re.search(rf"^{name} \?=", makefile, re.MULTILINE), word


@pytest.mark.parametrize("command", own("pytest"), ids=ids)
def test_the_tests_that_a_page_names_exist(command):
    assert all((ROOT / word).exists() for word in command.words if word.startswith("tests"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_python_and_yaml_of_a_page_can_be_read(page):
    blocks = re.findall(r"^```(python|yaml)\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    for language, text in blocks:
        if language == "python":
            compile(text, page.name, "exec")
        else:
            assert yaml.safe_load(text), page.name


def test_every_other_program_is_installed_with_the_project():
    for program in {command.words[0] for command in ALL} - {"make"}:
        assert shutil.which(program, path=str(Path(sys.executable).parent)), program


def test_every_benchmark_that_a_page_names_exists():
    for page in pages():
        for name in re.findall(r"benchmarks/[\w/]+\.py", page.read_text()):
            assert (ROOT / name).is_file(), f"{page.name}: {name}"


def test_every_kind_of_command_is_run_by_a_test_or_named_with_why_none_can():
    said = {kind for command in ALL for kind in kinds_of(command)}
    assert said == SHORT | set(RUN_ELSEWHERE) | LONG_KINDS | set(BY_HAND)
    assert not set(BY_HAND) & (SHORT | set(RUN_ELSEWHERE) | LONG_KINDS)
    assert all(len(why.split()) > 3 for why in BY_HAND.values())


def test_what_takes_long_is_typed_as_a_page_has_it():
    # Fault: a page that is renewed, and a test that goes on with the old words.
    assert set(LONG) <= {command.text for command in ALL}
    assert {before for long in LONG.values() for before in long.after} <= set(LONG)


def test_what_takes_seconds_is_run_in_its_file():
    text = (ROOT / "tests/test_short_commands.py").read_text()
    lists = {"kedro registry list", "kedro catalog resolve-patterns"}  # in one process
    assert [kind for kind in SHORT - lists if kind not in text] == []
    assert all(f'"{kind.split()[1]}", "{kind.split()[2]}"' in text for kind in lists)


def test_what_is_said_to_run_elsewhere_is_run_there():
    for kind, (file, words) in RUN_ELSEWHERE.items():
        assert words in (ROOT / file).read_text(), kind
