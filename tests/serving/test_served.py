import base64
import json
import time
from io import BytesIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server
from PIL import Image
from tests.projects import stop
from tests.test_servers import free_port, make

from spl_kedro.datasets.image_folder import OutlineDataset, UltrasoundImageDataset
from spl_kedro.deployment.cases import read_cases
from spl_kedro.deployment.scoring import NO_IMAGE, measure_images, score_cases
from spl_kedro.rules import Rule
from spl_kedro.serving.guard import MOST_SENT, guarded
from spl_kedro.serving.model import MOST_CASES

from .hostile import HOSTILE, PATH


def scores_of(answer):
    return {row["model"]: row["score"] for row in answer["scores"]}


def test_one_lesion_has_the_same_bits_from_the_run_from_inference_and_served(
    project, packaged, table, cases, served
):
    folder = project / "data/test"
    predictions = pd.read_parquet(folder / "07_model_output/predictions.parquet")
    predictions = predictions[predictions["protocol"] == "leak_free"].set_index("lesion_id")
    raw = folder / "01_raw/simulated"
    read = read_cases(
        table[table[packaged.cohort.columns.lesion_id].isin(list(cases))],
        {p.name: UltrasoundImageDataset(filepath=str(p)).load for p in (raw / "images").iterdir()},
        {p.name: OutlineDataset(filepath=str(p)).load for p in (raw / "outlines").iterdir()},
        packaged.cohort,
    )
    features = measure_images(packaged, read.lesions)
    inferred = score_cases(packaged, read.rows, features, read.variables).set_index("lesion_id")
    assert len(cases) >= 20
    for number, (lesion_id, case) in enumerate(cases.items()):
        expected = predictions.loc[lesion_id].set_index("model")["score"].to_dict()
        assert inferred.loc[lesion_id].set_index("model")["score"].to_dict() == expected
        if number % 3 == 0:
            (answer,) = served.predict([json.loads(json.dumps(case))])
            assert scores_of(answer) == expected


def test_the_answer_says_what_it_is_of_and_what_is_unusual(packaged, case, served):
    old = case | {"site": "elsewhere", "clinical": case["clinical"] | {"age": None}}
    (answer,) = served.predict([old])
    assert answer["study_id"] == packaged.study_id
    assert answer["simulated"] is True
    assert set(scores_of(answer)) == set(packaged.models)
    assert {warning["field"] for warning in answer["warnings"]} >= {"site", "age"}
    row = answer["scores"][0]
    assert row["decision"] == ("malignant" if row["score"] >= row["threshold"] else "benign")
    assert row["diagnoses"] in {"benign", "malignant", "either", "neither"}


def test_what_is_wrong_with_an_image_is_said_of_the_image(case, served):
    image = Image.open(BytesIO(base64.b64decode(case["image"])))
    few = Image.fromarray(np.asarray(image) // 64 * 64)
    file = BytesIO()
    few.save(file, "PNG")
    (answer,) = served.predict([case | {"image": base64.b64encode(file.getvalue()).decode()}])
    fields = {warning["rule"]: warning["field"] for warning in answer["warnings"]}
    assert fields[str(Rule.GREY_LEVELS)] == "image"


def test_without_image_or_outline_only_models_that_need_none_answer(case, served):
    whole = scores_of(served.predict([case])[0])
    for left_out in (["outline"], ["image", "outline"]):
        sent = {name: value for name, value in case.items() if name not in left_out}
        (answer,) = served.predict([sent])
        rows = {row["model"]: row for row in answer["scores"]}
        assert rows["clinical"]["score"] == whole["clinical"]
        assert rows["cdlr"]["score"] is None
        assert rows["cdlr"]["note"] == NO_IMAGE


def test_a_variable_that_is_left_out_is_not_imputed_and_one_of_a_table_is_read_alike(case, served):
    clinical = {name: value for name, value in case["clinical"].items() if name != "age"}
    rows = {
        row["model"]: row for row in served.predict([case | {"clinical": clinical}])[0]["scores"]
    }
    needs_age = [name for name, row in rows.items() if "age" in row["note"]]
    assert all(rows[name]["score"] is None for name in needs_age)
    assert rows["rad"]["score"] is not None
    (answer,) = served.predict(pd.DataFrame([case | {"spacing_mm": float("nan")}]))
    assert scores_of(answer)["rad"] is not None


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_is_refused_in_words_that_name_the_fault_and_nothing_else(
    kind, case, served
):
    change, words = HOSTILE[kind]
    sent = change(case)
    with pytest.raises(MlflowException, match=r"^inputs\[0\]: ") as refused:
        served.predict([sent])
    assert refused.value.get_http_status_code() == 400
    told = refused.value.message
    assert words in told
    assert "Remedy: " in told
    assert len(told) < 700
    for value in (PATH, "P123", "4000", case["image"][:40], "somebody", "0x"):
        assert value not in told


@pytest.mark.parametrize("sent", [{}, "case", [], [{}] * (MOST_CASES + 1)])
def test_a_request_has_a_few_cases_in_a_list(sent, served):
    with pytest.raises(MlflowException, match=r"list of cases|cases in a request"):
        served.predict(sent)


def test_it_is_registered_under_its_alias_with_signature_example_and_requirements(
    registered, served, packaged
):
    assert registered["uri"] == "models:/spl-cdlr@champion"
    version = mlflow.MlflowClient().get_model_version_by_alias("spl-cdlr", "champion")
    assert str(version.version) == registered["version"]
    assert version.tags["study_id"] == packaged.study_id == registered["study_id"]
    inputs = served.metadata.signature.inputs
    assert inputs.input_names() == ["image", "outline", "spacing_mm", "site", "clinical"]
    assert {own.name for own in packaged.cohort.clinical} == {
        own.name for own in inputs.input_dict()["clinical"].type.properties
    }
    assert served.metadata.flavors["python_function"]["code"] is None
    needed = mlflow.pyfunc.get_model_dependencies(registered["uri"])
    with open(needed, encoding="utf-8") as file:
        assert "scikit-learn==" in file.read()
    (answer,) = served.predict(served.input_example)
    assert scores_of(answer)["cdlr"] is not None


def ask(served, data, content_type="application/json"):
    answer = guarded(scoring_server.invocations)
    return answer(data, content_type, served, served.metadata.get_input_schema())


def test_the_guard_lets_a_case_pass(case, served):
    found = ask(served, json.dumps({"inputs": [case]}).encode())
    assert found.status == 200
    (answer,) = json.loads(found.response)["predictions"]
    assert scores_of(answer) == scores_of(served.predict([case])[0])


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{'inputs': P123", "application/json", 400),
        (b"\xff\xfe P123", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"inputs": [' + b"1" * 5000 + b"]}", "application/json", 400),
        (b'{"inputs": [{"site": NaN}]}', "application/json", 400),
        (b'{"dataframe_records": [{"site": "P123"}]}', "application/json", 400),
        (b'{"inputs": [], "params": {}}', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"{}", None, 415),
        (b"site\nP123", "text/csv", 415),
        (b"PAR1", "application/vnd.apache.parquet", 415),
        (b" " * (MOST_SENT + 1), "application/json", 413),
    ],
)
def test_the_guard_refuses_what_mlflow_would_repeat_or_stumble_over(
    data, content_type, status, served
):
    found = ask(served, data, content_type)
    assert found.status == status
    assert "P123" not in found.response
    assert json.loads(found.response)["message"]


def test_a_fault_of_the_program_is_answered_without_its_traceback(served, case, caplog):
    def broken(*_):
        raise RuntimeError("at /home/somebody")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spl_kedro.serving.model.assess", broken)
        found = ask(served, json.dumps({"inputs": [case]}).encode())
    assert found.status == 500
    assert "somebody" not in found.response
    assert "RuntimeError" in caplog.text


def send(port, body, content_type="application/json"):
    """Return status and answer of a request."""
    request = Request(f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": content_type})
    try:
        with urlopen(request, timeout=300) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())


@pytest.fixture(scope="module")
def port(project, tmp_path_factory):
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as file:
        server = make(project, file, project / "watch", "serve", f"SERVE_PORT={port}")
        try:
            end = time.monotonic() + 600
            while time.monotonic() < end and server.poll() is None:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/ping", timeout=60):
                        break
                except (URLError, ConnectionError, TimeoutError):
                    time.sleep(0.3)
            assert server.poll() is None, log.read_text()[-2000:]
            yield port
        finally:
            stop(server)


def test_it_answers_good_requests_and_refuses_bad_ones(port, case, served):
    (expected,) = served.predict([case])
    asked = json.dumps({"inputs": [case]}).encode()
    assert send(port, asked) == (200, {"predictions": [expected]})
    bad = [
        (
            json.dumps({"inputs": [case | {"image": "/etc/passwd"}]}).encode(),
            400,
            "no path is read",
        ),
        (json.dumps({"inputs": [case | {"colour": 1}]}).encode(), 400, "no field but"),
        (b'{"inputs": [{"spacing_mm": NaN}]}', 400, "finite"),
        (b"[" * 100_000, 400, "JSON"),
    ]
    for body, status, words in bad:
        found, answer = send(port, body)
        assert (found, words in answer["message"]) == (status, True), answer
    assert send(port, b"site\nx", "text/csv")[0] == 415
    assert send(port, asked) == (200, {"predictions": [expected]})
