from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from matplotlib.figure import Figure

from spl_kedro.features.deep import crop_all
from spl_kedro.modeling.signatures.audit import cross_fitted_once
from spl_kedro.modeling.signatures.nesting_probe import summarise_probe
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.pipelines.audit import create_pipeline
from spl_kedro.pipelines.audit.nodes import judge_audit, shuffle_and_run
from spl_kedro.pipelines.audit.page import (
    BEGIN,
    END,
    PROBE_BEGIN,
    PROBE_END,
    write_page,
    write_probe,
)
from spl_kedro.pipelines.audit.parameters import AuditParameters
from spl_kedro.pipelines.audit.shuffles import AuditInputs, ShuffleTask
from spl_kedro.schemas import MODELS
from spl_kedro.settings import CONFIG_LOADER_ARGS
from spl_kedro.store import ContentStore

CONF = Path(__file__).parents[3] / "conf"


def shuffles(models, n, published=0.3):
    rows = [
        (protocol, model, cohort, shuffle, *[0.5 + published * (protocol != "leak_free") + d] * 2)
        for protocol in ("leak_free", "as_published")
        for model in models
        for cohort in ("training", "validation")
        for shuffle, d in enumerate(np.linspace(-0.05, 0.05, n))
    ]
    columns = ["protocol", "model", "cohort", "shuffle", "auc", "auc_pooled"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def audit():
    parts = [shuffles(["clinical", "rad"], 20), shuffles(["dtl", "dlr", "cdlr"], 5)]
    return pd.concat(parts, ignore_index=True)


def test_the_parameters_of_the_environments_are_valid():
    for env in ("base", "test", "breast", "busi", "busbra", "study"):
        loader = OmegaConfigLoader(str(CONF), env=env, **CONFIG_LOADER_ARGS)
        AuditParameters.model_validate(loader["parameters"]["audit"])


def test_networks_are_trained_on_some_of_the_shuffles_only():
    with pytest.raises(ValueError, match=r"deep_shuffles \(6\) must not exceed n_shuffles \(5\)"):
        AuditParameters(n_shuffles=5, deep_shuffles=6)


def test_the_audit_is_judged_and_drawn(audit):
    summary, drawing = judge_audit(audit, pd.DataFrame({"simulated": [True, True]}))
    assert not summary.loc[summary["protocol"] == "as_published", "honest"].any()
    counts = summary.set_index(["protocol", "model", "cohort"])["shuffles"]
    assert counts["leak_free", "rad", "training"] == 20
    assert counts["leak_free", "cdlr", "training"] == 5
    figure = drawing.figure()
    assert isinstance(figure, Figure)
    assert [axes.get_title(loc="left") for axes in figure.axes][1] == "Validation"


def test_the_page_gets_table_verdict_and_figure_and_keeps_its_text(audit, tmp_path):
    page, image = tmp_path / "audit.md", tmp_path / "images/audit.png"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    lopsided = (audit["model"] == "rad") & (audit["protocol"] == "leak_free")
    audit.loc[lopsided & (audit["cohort"] == "validation"), "auc"] -= 0.2
    for _ in range(2):
        write_page(audit, page, image, simulated=True)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "9 of 10 means" in text
    assert "Rad, validation, lies" in text
    assert text.count("| leak-free |") == len(MODELS)
    assert image.stat().st_size > 10_000


def test_a_page_without_the_marks_is_left_alone(audit, tmp_path):
    page = tmp_path / "audit.md"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="needs the lines"):
        write_page(audit, page, tmp_path / "audit.png", simulated=True)
    assert page.read_text(encoding="utf-8") == "no marks"


def test_the_page_gets_the_table_of_the_probe_of_nested_networks(tmp_path):
    page = tmp_path / "audit.md"
    page.write_text(f"before\n{PROBE_BEGIN}\nold\n{PROBE_END}\nafter\n", encoding="utf-8")
    draws = [
        (draw, nested, 0.5 + 0.1 * (not nested)) for draw in (0, 1) for nested in (True, False)
    ]
    probe = pd.DataFrame(draws, columns=["draw", "nested", "auc"])
    write_probe(summarise_probe(probe), page)
    text = page.read_text(encoding="utf-8")
    assert "| nested | 2 | 0.500 (0.000) |" in text
    assert "| cross-fitted once | 2 | 0.600 (0.000) |" in text
    assert "old" not in text
    assert text.startswith("before")
    assert text.endswith("after\n")


def test_the_audit_starts_from_stored_features_and_images_only():
    assert create_pipeline().inputs() == {
        "cohort",
        "lesions",
        "radiomics_features",
        "radiomics_schema",
        "radiomics_stability",
        "further_features",
        "params:modeling",
        "params:audit",
    }


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_an_interrupted_audit_goes_on_and_ends_as_if_it_had_not_been(small, monkeypatch, tmp_path):
    whole = shuffle_and_run(**small)
    assert set(whole.loc[whole["shuffle"] == 0, "model"]) == set(MODELS)
    assert set(whole.loc[whole["shuffle"] == 2, "model"]) == {"clinical", "rad"}
    assert not list((tmp_path / "audit").glob("*/*")), "a finished audit leaves no files"

    run, ran = ShuffleTask.__call__, []

    def fail_at_the_third(task):
        if task.shuffle == 2 and len(ran) == 2:
            raise KeyboardInterrupt
        ran.append(task.shuffle)
        return run(task)

    monkeypatch.setattr(ShuffleTask, "__call__", fail_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        shuffle_and_run(**small)
    assert len(list((tmp_path / "audit").glob("*/*"))) == 2
    ran.append("again")
    pd.testing.assert_frame_equal(shuffle_and_run(**small), whole)


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_no_label_outside_training_reaches_networks_or_leak_free_scores(small):
    cohort = small["cohort"]
    settings = small["modeling"].model_copy(update={"n_jobs": 1})
    crops, _ = crop_all(small["lesions"], small["parameters"].deep)
    tables = [small[name] for name in ("radiomics_features", "radiomics_schema")]
    tables.append(small["radiomics_stability"])
    inputs = AuditInputs(cohort, *tables, {}, crops, settings, small["parameters"])
    task = ShuffleTask(inputs, 0, ContentStore(None), inputs.key())
    turned = cohort.assign(
        label=cohort["label"].where(cohort["cohort"] == "training", 1 - cohort["label"])
    )
    one, two = (task.tables_with_networks(dealt)[0] for dealt in (cohort, turned))
    pd.testing.assert_frame_equal(one.X, two.X)
    pd.testing.assert_frame_equal(one.nested.embeddings, two.nested.embeddings)
    once = cross_fitted_once(settings)
    scores = [run_protocol(table, once).predictions["score"] for table in (one, two)]
    np.testing.assert_array_equal(*scores)


def test_shuffles_are_kept_apart_by_data_and_settings_and_shared_whatever_their_number(small):
    def key(change=0.0, **settings):
        tables = [small["cohort"], small["radiomics_features"] + change]
        tables += [small["radiomics_schema"], small["radiomics_stability"]]
        changed = small["parameters"].model_copy(update=settings)
        return AuditInputs(*tables, {}, None, small["modeling"], changed).key()

    assert key(change=1e-9) != key()
    assert key(seed=1) != key()
    assert key(n_shuffles=50, n_jobs=2, checkpoints=None) == key()
