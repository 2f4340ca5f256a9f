import pytest
import yaml
from omegaconf import OmegaConf
from tests.projects import ROOT

from spl_kedro.cohort.guess.draft import Draft, Variable
from spl_kedro.cohort.guess.written import data_processing, quoted, write_study
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError

PATHS = {"table": "/t/a: b.csv", "images": "/t/images", "outlines": "/t/out #1"}
AWKWARD = [
    *("yes", "No", "null", "1", "0012", "1e3", "a: b", "x #y", "${env:HOME}", 'say "so"', "{id}"),
    *("[a]", "*", "良性", "a, b", " ", "~", "Größe (mm)", "back\\slash", "5 mm"),
]


def read(text: str) -> dict:
    made = OmegaConf.create({"globals": {}, **yaml.safe_load(text.replace("${globals:", "g{"))})
    return OmegaConf.to_container(made, resolve=True)


@pytest.mark.parametrize("word", AWKWARD)
def test_any_word_is_read_back_as_it_is(word):
    assert read(f"a: {quoted(word)}")["a"] == word
    assert read(f"a: {{{quoted(word, key=True)}: [{quoted(word)}]}}")["a"] == {word: [word]}


def awkward() -> Draft:
    draft = Draft(labels={"benign": ["0", "no"], "malignant": ["1", "良性: x"]}, spacing_to_mm=10)
    draft.columns |= {"lesion_id": "Nr. #", "label": "Befund: Text"}
    draft.clinical = [
        Variable("age", "Alter\n(Jahre)", "numeric", "known_before", seen="1 to 9"),
        Variable(
            "sign", "a: b", "category", "read_from_image", dict.fromkeys(AWKWARD, "x"), "s\ns"
        ),
    ]
    draft.excluded = {"${x}": "the diagnosis itself"}
    draft.unused = {"text\nwith a break": "3 different texts"}
    draft.checks = {"labels": "which\nis which", "clinical.sign": "sure?", "columns.label": "this?"}
    return draft


def test_what_is_written_are_the_settings_of_a_cohort():
    settings = read(data_processing(awkward()))["data_processing"]
    settings |= {"files": {}, "split": settings["split"] | {"seed": 1}}
    cohort = CohortSettings(**settings)
    assert cohort.columns.lesion_id == "Nr. #"
    assert cohort.labels.malignant == ("1", "良性: x")
    assert cohort.clinical[0].column == "Alter\n(Jahre)"
    assert cohort.clinical[1].mapping == dict.fromkeys(AWKWARD, "x")
    assert cohort.excluded[0].column == "${x}"


def test_what_is_unsure_is_marked_before_its_line():
    lines = data_processing(awkward()).splitlines()
    assert "# CHECK: sure? It holds s s" in "\n".join(lines)
    for check, line in (("which is which", "  labels:"), ("this?", "    label:")):
        (place,) = [
            i for i, text in enumerate(lines) if text.strip().startswith(f"# CHECK: {check}")
        ]
        assert lines[place + 1].startswith(line)


def test_a_study_that_is_there_is_not_overwritten(tmp_path):
    written = write_study(awkward(), tmp_path / "mine", ROOT / "conf/study", PATHS)
    names = {path.name for path in written}
    # As the template has them: a file added there is written here too.
    assert names == {path.name for path in (ROOT / "conf/study").iterdir()}
    catalog = yaml.safe_load((tmp_path / "mine/catalog.yml").read_text(encoding="utf-8"))
    assert catalog["cohort_table"]["filepath"] == "/t/a: b.csv"
    assert catalog["lesion_masks"]["path"] == "/t/out #1"
    (tmp_path / "mine/globals.yml").write_text("corrected: true\n")
    with pytest.raises(UnusableStudyError, match="may hold corrections"):
        write_study(awkward(), tmp_path / "mine", ROOT / "conf/study", PATHS)
    assert (tmp_path / "mine/globals.yml").read_text() == "corrected: true\n"
