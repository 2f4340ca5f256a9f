"""A guessed study as the files of its environment, for a person to correct."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from spl_kedro.cohort.guess.draft import Draft, Variable
from spl_kedro.errors import UnusableStudyError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_ ]*[A-Za-z_]|[A-Za-z]{2,}")
_WORDS_OF_YAML = {"yes", "no", "on", "off", "true", "false", "null", "none", "y", "n"}
#: Copied as they are: nothing in them can be guessed.
_COPIED = (
    "parameters_deep_features.yml",
    "parameters_modeling.yml",
    "parameters_sealing.yml",
)
CHECK = "CHECK: "
_WIDTH = 120


def quoted(text: str, *, key: bool = False) -> str:
    r"""Return a text as YAML and OmegaConf read it back; keys hold no references.

    Examples
    --------
    >>> quoted("age"), quoted("no"), quoted("Größe: 1"), quoted("${x}")
    ('age', '"no"', '"Größe: 1"', '"\\\\${x}"')
    """
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS_OF_YAML:
        return text
    return json.dumps(text if key else text.replace("${", "\\${"), ensure_ascii=False)


def write_study(
    draft: Draft,
    folder: Path,
    template: Path,
    paths: dict[str, str | None],
    options: dict[str, str | None] | None = None,
) -> list[Path]:
    """Write the environment; nothing that is there is overwritten.

    Parameters
    ----------
    draft : Draft
    folder : Path
        ``conf/NAME``.
    template : Path
        ``conf/study``, of which the files with nothing to guess are copied.
    paths : dict
        Of `table` (None without one), `images`, `outlines`.
    options : dict, optional
        `sheet`, `separator`, `encoding` of the table, where they had to be said.

    Returns
    -------
    list of Path

    Raises
    ------
    UnusableStudyError
        If the folder is there.
    """
    if folder.exists():
        raise UnusableStudyError(
            "a new folder for the study",
            f"'{folder}' is there, and may hold corrections by hand.",
            "Give another name (make study NAME=...), or remove it.",
        )
    texts = {
        "globals.yml": _globals(draft, folder.name),
        "catalog.yml": _catalog(paths, options or {}),
        "parameters_data_processing.yml": data_processing(draft),
        "parameters_reporting.yml": _reporting(
            draft, folder.name, template / "parameters_reporting.yml"
        ),
    }
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in _COPIED:
        shutil.copyfile(template / name, folder / name)
    return [folder / name for name in (*texts, *_COPIED)]


def _globals(draft: Draft, name: str) -> str:
    lines = [
        "# Everything made from this cohort stays apart from the others.",
        f"data: data/{name}",
        "# kedro-viz answers whoever asks it: without need, no patient's row or picture "
        "(docs/privacy.md).",
        "previews: false",
        "# How files are named, for the catalog and data_processing (docs/own_cohort.md).",
        "files:",
        *_lines("image", _or_null(draft.image), "null: named as the lesion", draft, "files.image"),
        *_lines(
            "outline",
            _or_null(draft.outline),
            "null: named as the lesion, or as it and _anything",
            draft,
            "files.outline",
        ),
    ]
    return "\n".join(lines) + "\n"


def _reporting(draft: Draft, name: str, template: Path) -> str:
    """Return the template with a title that says nothing of the lesions, and an open use."""
    title = f"{name.replace('_', ' ').capitalize()}: radiomics of lesions in ultrasound images"
    lines = [
        *_note(draft.checks.get("reporting.title"), 2),
        f"  title: {quoted(title)}",
        "  intended_use: >-               # who uses what for which decision about whom",
        "    Research only, no medical device: to estimate how probable malignancy is in a lesion "
        "outlined on",
        "    B-mode ultrasound by a clinician who weighs a biopsy, and never to decide alone.",
    ]
    text = template.read_text(encoding="utf-8")
    return re.sub(r"(?m)^  title: .*$", lambda _: "\n".join(lines), text, count=1)


def _catalog(paths: dict[str, str | None], options: dict[str, str | None]) -> str:
    hidden = "  metadata: {kedro-viz: {layer: 01_raw, preview: false}}\n"
    if paths["table"] is not None:
        table = (
            "  type: spl_kedro.datasets.cohort_table.CohortTableDataset\n"
            f"  filepath: {quoted(paths['table'])}\n"
        )
        table += "".join(f"  {key}: {quoted(v)}\n" for key, v in options.items() if v is not None)
    else:
        table = (
            "  # There is none: a row for each image, its folder the diagnosis.\n"
            "  type: spl_kedro.datasets.files_table.FilesTableDataset\n"
            f"  path: {quoted(str(paths['images']))}\n"
            "  image: ${globals:files.image}\n"
            "  outline: ${globals:files.outline}\n"
        )
    text = "# The files of this cohort, where they lie.\n" + f"cohort_table:\n{table}{hidden}"
    places = (
        ("ultrasound_images", quoted(str(paths["images"])), "UltrasoundImage", False),
        ("lesion_masks", quoted(str(paths["outlines"])), "Outline", False),
        ("reader2_masks", "${globals:data}/01_raw/outlines_reader2", "Outline", True),
    )
    for name, path, kind, optional in places:
        text += (
            f"\n{name}:\n"
            "  type: spl_kedro.datasets.image_folder.ImageFolderDataset\n"
            f"  path: {path}\n"
            f"  dataset: spl_kedro.datasets.image_folder.{kind}Dataset\n"
            + ("  optional: true             # a second reader's outlines\n" if optional else "")
            + "  read_only: true\n"
            + hidden
        )
    return text


def data_processing(draft: Draft) -> str:
    """Return ``parameters_data_processing.yml``, with a comment at whatever is unsure."""
    lines = [
        "# Guessed from the files by `make study`. Correct what is marked CHECK; then see",
        "# the page of `make check STUDY=conf/...`. Keys left out keep those of conf/base.",
        "data_processing:",
        "  simulated: false",
        "  columns:",
    ]
    for key, column in draft.columns.items():
        lines += _lines(key, _or_null(column), "", draft, f"columns.{key}", 4)
    lines += [
        "  files:",
        "    image: ${globals:files.image}",
        "    outline: ${globals:files.outline}",
    ]
    words = (f"{name}: {_listed(told)}" for name, told in draft.labels.items())
    lines += _lines("labels", "{" + ", ".join(words) + "}", "", draft, "labels")
    if draft.spacing_to_mm != 1 or "spacing_to_mm" in draft.checks:
        lines += _lines("spacing_to_mm", f"{draft.spacing_to_mm:g}", "", draft, "spacing_to_mm")
    if draft.separator != ";":
        lines.append(f"  file_separator: {json.dumps(draft.separator)}")
    if draft.missing_words:
        lines.append(f"  missing_words: {_listed(draft.missing_words)}")
    lines += [
        "  # group: known_before (age, history, laboratory) or read_from_image (a reader's words).",
        "  # minimum and maximum: what is plausible; a value beyond leaves its case out.",
    ]
    lines.append("  clinical:" if draft.clinical else "  clinical: []")
    for variable in draft.clinical:
        lines += _variable(variable, draft)
    lines.append("  excluded:" if draft.excluded else "  excluded: []")
    for column, reason in draft.excluded.items():
        lines += _note(draft.checks.get(f"excluded.{column}"), 4)
        lines.append(f"    - {{column: {quoted(column)}, reason: {quoted(reason)}}}")
    for column, reason in draft.unused.items():
        lines.append(f"  # Not used: {_one_line(column)} ({_one_line(reason)})")
    lines += [
        "  split:",
        "    validation_fraction: 0.2",
        "    external_sites: []           # sites kept out of the split, to validate on",
    ]
    return "\n".join(lines) + "\n"


def _variable(variable: Variable, draft: Draft) -> list[str]:
    check = draft.checks.get(f"clinical.{variable.name}")
    asked = check if check is None or check.endswith("?") else f"{check}."
    lines = _note(f"{asked} It holds {variable.seen}" if asked else None, 4)
    if not check:
        lines.append(f"    # It holds {_one_line(variable.seen)}")
    named = (
        f"name: {quoted(variable.name)}, kind: {variable.kind}, column: {quoted(variable.column)}"
    )
    head = f"    - {{{named}, group: {variable.group}"
    if variable.kind == "numeric":
        return [*lines, head + ", minimum: null, maximum: null}"]
    words = [f"{quoted(word, key=True)}: {quoted(told)}" for word, told in variable.mapping.items()]
    line = head + ", mapping: {" + ", ".join(words) + "}}"
    if len(line) <= _WIDTH:
        return [*lines, line]
    keys = [
        f"    - name: {quoted(variable.name)}",
        f"      kind: {variable.kind}",
        f"      column: {quoted(variable.column)}",
        f"      group: {variable.group}",
    ]
    return [*lines, *keys, "      mapping:", *(f"        {word}" for word in words)]


def _lines(
    key: str, value: str, comment: str, draft: Draft, place: str, blanks: int = 2
) -> list[str]:
    line = " " * blanks + f"{key}: {value}"
    told = f"{line:<32} # {comment}" if comment else line
    return [*_note(draft.checks.get(place), blanks), told]


def _note(check: str | None, blanks: int) -> list[str]:
    return [" " * blanks + f"# {CHECK}{_one_line(check)}"] if check else []


def _listed(words: list[str]) -> str:
    return "[" + ", ".join(map(quoted, words)) + "]"


def _or_null(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
