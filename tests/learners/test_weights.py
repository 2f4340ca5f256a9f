"""TabICL is run from a file that is there and safe, or not at all."""

import sys
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch

from spl_kedro.learners import weights
from spl_kedro.learners.classifier import TableClassifier
from spl_kedro.learners.weights import why_not

#: A stand-in: what is relied on of the package, and a learner that a file turns about.
PACKAGE = """
import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin


class TabICLClassifier(ClassifierMixin, BaseEstimator):
    def __init__(self, n_estimators=8, model_path=None, allow_auto_download=True, device=None,
                 use_amp="auto", random_state=42):
        self.n_estimators, self.model_path = n_estimators, model_path
        self.allow_auto_download, self.device = allow_auto_download, device
        self.use_amp, self.random_state = use_amp, random_state

    def fit(self, X, y):
        assert not self.allow_auto_download and self.device == "cpu"
        stored = torch.load(self.model_path, weights_only=True)
        self.sign_ = float(stored["state_dict"]["sign"])
        self.classes_ = np.unique(y)
        self.direction_ = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
        return self

    def predict_proba(self, X):
        malignant = 1 / (1 + np.exp(-self.sign_ * X @ self.direction_))
        return np.column_stack([1 - malignant, malignant])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
"""
STORED = {"config": {"max_classes": 10}, "state_dict": {"sign": torch.tensor(1.0)}}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make the stand-in importable; return a function that says its version."""
    home = tmp_path / "packages"
    home.mkdir()
    (home / "tabicl.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.delitem(sys.modules, "tabicl", raising=False)
    told = {"version": "2.2.0"}
    monkeypatch.setattr(weights, "version", lambda name: told["version"])
    yield told
    sys.modules.pop("tabicl", None)


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "tables.ckpt"
    torch.save(STORED, path)
    return path


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path):
    assert why_not(str(tmp_path / "tables.ckpt")) == "not run: no weights at .../tables.ckpt"
    assert why_not(None) == "not run: no weights named in tabular_learners.tabicl.weights"


def test_without_the_package_the_reason_says_how_to_install_it(stored, monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(weights, "version", absent)
    assert why_not(str(stored)) == (
        "not run: the package tabicl is not installed (pip install 'tabicl>=2.2,<3')"
    )


@pytest.mark.parametrize(("found", "fits"), [("2.1.0", False), ("2.2.0", True), ("3.0", False)])
def test_a_version_that_was_not_looked_at_is_not_run(stored, package, found, fits):
    package["version"] = found
    assert (why_not(str(stored)) == "") == fits


class Exploit:
    """Runs when a careless reader opens it."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (self.mark, "w"))


def test_a_file_that_would_run_a_program_is_not_read(tmp_path, package):
    path, mark = tmp_path / "tables.ckpt", tmp_path / "ran"
    torch.save(STORED | {"more": Exploit(str(mark))}, path)
    assert why_not(str(path)) == (
        "not run: .../tables.ckpt is no file of weights that can be read safely"
    )
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"state_dict": {}}, "does not hold the configuration and weights"),
        (STORED | {"config": {"max_classes": 0}}, "for numbers, not for classes"),
    ],
)
def test_weights_of_something_else_are_told(tmp_path, package, content, said):
    path = tmp_path / "tables.ckpt"
    torch.save(content, path)
    assert said in why_not(str(path))


def test_a_damaged_file_is_told(tmp_path, package):
    path = tmp_path / "tables.ckpt"
    path.write_bytes(b"not weights")
    assert "no file of weights that can be read safely" in why_not(str(path))


def test_a_network_of_tables_learns_from_its_file_as_the_other_kinds_do(stored, package):
    rng = np.random.default_rng(0)
    label = np.arange(60) % 2
    X = rng.normal(size=(60, 3)) + label[:, None]
    model = TableClassifier("tabicl", tune=False, cv=3, weights=str(stored), estimators=2)
    score = model.fit(X, label).predict_proba(X)[:, 1]
    assert score[label == 1].mean() > score[label == 0].mean() + 0.2
