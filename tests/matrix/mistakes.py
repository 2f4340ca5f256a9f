"""Mistakes in a command, a parameter or the configuration, each undone after its run."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.matrix.kinds import Outcome, Register

kind = Register("Commands and parameters")
PIPELINE = ("--env", "study", "--pipelines", "data_processing")
GIVEN = "Correct it in --params (described in conf/base/parameters_data_processing.yml)."
WRITTEN = "Correct it in conf/study/parameters_data_processing.yml."
YAML = "configuration that can be read as YAML"
INDENT = (
    "Correct the indentation, quotation marks or brackets of this line and the one above; a key "
    "stands once, and blanks indent, never tabs."
)
ENTRY = "a catalog whose entries can be read"
EXAMPLES = "Correct the entry in conf/<environment>/catalog.yml; conf/base has examples."
STEPS = "steps and datasets that the pipeline has"
DESCRIBE = "Correct the name: kedro registry describe <pipeline> lists the steps."


class Command(NamedTuple):
    """Arguments of `kedro run`, and a change to a file, to STUDY_DIR or to the table in it."""

    arguments: tuple[str, ...]
    file: str = ""
    old: str = ""
    new: str = ""
    study: str | None = None
    table: str = ""

    @contextmanager
    def made(self, project: Path):
        """Make the mistake for as long as a run lasts."""
        path, folder = project / self.file, os.environ.get("STUDY_DIR")
        before = path.read_text() if self.file else ""
        if self.file:
            assert self.old in before, f"{self.file} does not hold {self.old!r}"
            path.write_text(before.replace(self.old, self.new))
        if self.study is not None:
            os.environ["STUDY_DIR"] = self.study
        table = Path(folder or "") / "cohort.csv"
        aside = table.with_name("aside.csv")
        if self.table:
            table.rename(aside)
            {"pipe": os.mkfifo, "folder": os.mkdir}[self.table](table)
        try:
            yield
        finally:
            if self.table:
                table.unlink() if self.table == "pipe" else table.rmdir()
                aside.rename(table)
            if self.file:
                path.write_text(before)
            os.environ["STUDY_DIR"] = folder or ""


def run(what, rule, remedy, *arguments, **change):
    """Register a mistake; data_processing of conf/study is run where no arguments are given."""
    command = Command(arguments or PIPELINE, **change)
    kind(rule, name=what, what=what, remedy=remedy, outcome=Outcome.REFUSED)(lambda: command)


def parameter(what, value, rule="", remedy=GIVEN):
    given = f"data_processing.{value}"
    rule = rule or f"parameter {given.partition('=')[0]}"
    run(what, rule, remedy, *PIPELINE, "--params", given)


PARAMETERS = "conf/study/parameters_data_processing.yml"
CATALOG = "conf/study/catalog.yml"
parameter("A misspelt parameter", "spilt.seed=3")
parameter("A parameter out of its range", "split.validation_fraction=3")
parameter("A word where a number is wanted", "split.validation_fraction=twenty")
parameter(
    "A column that the table does not have", "columns.label=patology",
    "cohort.csv: a column for each parameter",
    "Correct the name in data_processing, or the header.",
)  # fmt: skip
run("Numbers as words of a diagnosis (labels: {benign: [0]})",
    "parameter data_processing.labels.benign.0", WRITTEN,
    file=PARAMETERS, old="benign: [benign]", new="benign: [0]")  # fmt: skip
run("One word for both diagnoses", "parameter data_processing.labels", WRITTEN,
    file=PARAMETERS, old="malignant: [malignant]", new="malignant: [Benign]")  # fmt: skip
run("A grey range with white below black", "parameter data_processing.grey", WRITTEN,
    file=PARAMETERS, old="range: format", new="range: [4095, 0]")  # fmt: skip
run("A variable that is a predictor and excluded", "cohort.csv: no excluded column among the "
    "predictors",
    "Take them out of data_processing.clinical or out of data_processing.excluded.",
    file=PARAMETERS, old="excluded: []",
    new="excluded: [{column: AGE, reason: known only afterwards}]")  # fmt: skip
run("An external site that the table does not have", "a split by patient",
    "Correct the names of the sites.",
    file=PARAMETERS, old="external_sites: []", new="external_sites: [b]")  # fmt: skip
run("An own split with an unknown word", "a cohort for each patient in the column 'sex'",
    "Write training, validation, external in every row.",
    file=PARAMETERS, old="cohort: null", new="cohort: sex")  # fmt: skip
run("A bracket that is not closed in YAML", YAML, INDENT,
    file=PARAMETERS, old="excluded: []", new="excluded: [")  # fmt: skip
run("A tab that indents YAML", YAML, INDENT,
    file=PARAMETERS, old="  columns:", new="\tcolumns:")  # fmt: skip
run("One key twice in YAML", YAML, INDENT,
    file=PARAMETERS, old="  excluded: []", new="  excluded: []\n  excluded: []")  # fmt: skip
run("A misspelt type in the catalog", ENTRY, EXAMPLES, file=CATALOG,
    old="image_folder.ImageFolderDataset", new="image_folder.ImageFoldrDataset")  # fmt: skip
run("A misspelt key in the catalog", ENTRY, EXAMPLES, file=CATALOG,
    old="  read_only: true", new="  read_onyl: true")  # fmt: skip
run("A folder of images that is not there", "a folder with files",
    "Put the files there, or correct the path in conf/<environment>/catalog.yml.",
    file=CATALOG, old="/images", new="/imges")  # fmt: skip
run("STUDY_DIR that is not set", "the folder with the cohort's files",
    "For example: export STUDY_DIR=/path/to/files", study="")  # fmt: skip
run("STUDY_DIR that does not exist", "cohort.csv: a readable file",
    "Put the table there, or correct `filepath` of cohort_table in catalog.yml.",
    study="/nowhere/study")  # fmt: skip
run("A pipe in place of the table", "cohort.csv: a readable file",
    "Put the table there, or correct `filepath` of cohort_table in catalog.yml.",
    table="pipe")  # fmt: skip
run("A folder in place of the table", "cohort.csv: a readable file",
    "Put the table there, or correct `filepath` of cohort_table in catalog.yml.",
    table="folder")  # fmt: skip
run("A misspelt group of parameters", "parameter radiomic", "Correct it in --params.",
    *PIPELINE, "--params", "radiomic.preset=us2d-1561")  # fmt: skip
run("A misspelt pipeline", "a pipeline that exists",
    "Correct the name: kedro registry list shows them all.",
    "--env", "study", "--pipelines", "data_procesing")  # fmt: skip
run("A misspelt step", STEPS, DESCRIBE, "--env", "study", "--nodes", "check_chort")
run("A misspelt environment", "an environment that exists",
    "Correct --env: the environments are the folders in conf.",
    "--env", "stdy", "--pipelines", "data_processing")  # fmt: skip
run("A misspelt runner", "a runner that exists",
    "Name SequentialRunner, ThreadRunner or ParallelRunner.",
    *PIPELINE, "--runner", "ParalelRunner")  # fmt: skip
run("A pipeline before the one that makes its input", "file system",
    "Put the file there, correct its path, or run the pipeline that makes it.",
    "--env", "study", "--pipelines", "modeling")  # fmt: skip
run("A file of outlines that is no COCO or VIA file", "cohort.csv: a file of outlines",
    "Export COCO JSON, or VIA 2 as JSON or CSV; LabelMe files lie in a folder of outlines.",
    file=CATALOG,
    old="""image_folder.ImageFolderDataset
  path: ${required_env:STUDY_DIR}/outlines
  dataset: spl_kedro.datasets.image_folder.OutlineDataset
  read_only: true
""",
    new="""annotation_file.AnnotationFileDataset
  filepath: ${required_env:STUDY_DIR}/cohort.csv
""")  # fmt: skip
