"""What kedro-viz shows of the written documents."""

import inspect
import pickle

import mlflow
import pandas as pd
import pytest

from spl_kedro.datasets.documents import MarkdownDataset, StudyReportDataset, TrackedTableDataset

PAGE = """<html><head><style>body { color: red }</style></head><body>
<aside class="banner" aria-label="x"><strong>Simulated patients.</strong> No person.</aside>
<header class="top"><h1>Lung lesions</h1>
<dl class="facts"><div><dt>lesions analysed</dt><dd>809</dd></div></dl></header>
<table id="table-other"><tr><td>other</td></tr></table>
<table id="table-performance"><tr><th scope="row">CDLR</th><td>0.83</td></tr></table>
<script>alert(1)</script></body></html>"""


@pytest.fixture
def report(tmp_path):
    dataset = StudyReportDataset(filepath=(tmp_path / "r.html").as_posix())
    (tmp_path / "r.html").write_text(PAGE, encoding="utf-8")
    return dataset


def test_the_preview_of_the_report_holds_its_head_and_the_models(report):
    shown = report.preview()
    for words in ("Simulated patients.", "Lung lesions", "809", "CDLR", "0.83", "r.html"):
        assert words in shown
    assert "other" not in shown
    # Inside kedro-viz' own page these would change that page, or be removed.
    for tag in ("<style", "<script", "<body", "\n"):
        assert tag not in shown


@pytest.mark.parametrize("kind", [StudyReportDataset, MarkdownDataset])
def test_kedro_viz_recognises_the_kind_of_preview(kind):
    # Its front end chooses the renderer by the name of the annotation.
    annotation = inspect.signature(kind.preview).return_annotation
    assert getattr(annotation, "__name__", annotation) == "HTMLPreview"


def test_a_file_that_is_no_report_is_named(tmp_path):
    (tmp_path / "x.html").write_text("<p>no</p>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.html has no report header"):
        StudyReportDataset(filepath=(tmp_path / "x.html").as_posix()).preview()


def test_a_card_is_shown_as_it_is_written(tmp_path):
    dataset = MarkdownDataset(filepath=(tmp_path / "card.md").as_posix())
    dataset.save("# Model card\n\n- research only\n")
    assert dataset.preview() == "# Model card\n\n- research only\n"


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (StudyReportDataset, PAGE),
        (MarkdownDataset, "# Card"),
        (TrackedTableDataset, pd.DataFrame({"item": ["1"], "points": [2]})),
    ],
)
def test_what_is_saved_during_a_tracked_run_is_added_to_it(
    kind, content, running, tmp_path, monkeypatch
):
    added = []
    monkeypatch.setattr(mlflow, "active_run", lambda: "a run" if running else None)
    monkeypatch.setattr(mlflow, "log_artifact", added.append)
    path = (tmp_path / "saved").as_posix()
    # As a worker of the ParallelRunner receives it.
    pickle.loads(pickle.dumps(kind(filepath=path))).save(content)
    assert added == ([path] if running else [])
    assert (tmp_path / "saved").stat().st_size > 0
