import hashlib
import json
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from spl_kedro.deployment.archive import (
    FORMAT,
    MANIFEST,
    read_manifest,
    read_study,
    write_study,
)
from spl_kedro.deployment.errors import PackageError

from .conftest import CRP, FEATURE, LESION, PATIENT


@pytest.fixture(scope="module")
def file(packaged, tmp_path_factory):
    path = tmp_path_factory.mktemp("package") / "study.spl"
    write_study(packaged, path)
    return path


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, folder, change, *, honest=False):
    """Write a copy whose parts were changed; an honest one with a manifest that says so."""
    held = parts(path)
    change(held)
    if honest:
        manifest = json.loads(held[MANIFEST])
        manifest["parts"] = {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in held.items()
            if name != MANIFEST
        }
        held[MANIFEST] = json.dumps(manifest).encode()
    copy = folder / path.name
    with zipfile.ZipFile(copy, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return copy


def test_a_study_that_was_written_scores_as_the_one_that_was_fitted(file, fitted, table):
    study = read_study(file)
    X = table.X.loc[table.lesions("validation", "external")]
    for name, model in fitted.models.items():
        np.testing.assert_array_equal(
            study.models[name].predict_proba(X), model.predict_proba(X), err_msg=name
        )
    assert study.study_id == read_manifest(file)["study_id"]
    assert study.manifest["rows_of_patients"] == "none"
    assert study.networks["frozen"]["layer.weight"].shape == (2, 3)


def test_nothing_of_a_patient_is_in_the_file(file):
    # Identifiers as text; a patient's own values as the numbers' bytes and as they are printed.
    held = b"".join(unpacked(content) for content in parts(file).values())
    planted = [PATIENT, LESION, repr(CRP), repr(FEATURE)]
    for text in planted:
        assert text.encode() not in held
    for value in (CRP, FEATURE):
        assert np.float64(value).tobytes() not in held
        assert np.float32(value).tobytes() not in held


def unpacked(content):
    """Return a part with what it packs itself: models are a zip, tables are compressed."""
    import io

    import pandas as pd

    if content[:4] == b"PAR1":
        table = pd.read_parquet(io.BytesIO(content))
        numbers = np.ascontiguousarray(table.select_dtypes("number").to_numpy(float)).tobytes()
        return numbers + table.to_csv().encode()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            return b"".join(unpacked(inner.read(name)) for name in inner.namelist())
    return content


def test_the_search_for_traces_finds_what_a_model_keeps_of_its_patients(fitted):
    # The check above would pass for ever if it could not see into the models.
    held = unpacked(skops.io.dumps(fitted.models["rad"]))
    scores = fitted.models["rad"].cross_fitted_scores_
    assert any(np.float64(score).tobytes() in held for score in scores)


def test_a_changed_part_is_refused(file, tmp_path):
    def change(held):
        held["texts/model_card.md"] = b"# A c@rd"

    with pytest.raises(PackageError, match=r"texts/model_card.md was changed"):
        read_study(rewritten(file, tmp_path, change))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.999])
def test_a_truncated_file_is_refused(file, tmp_path, kept):
    copy = tmp_path / "study.spl"
    content = file.read_bytes()
    copy.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(PackageError, match=r"cut short|cannot be read"):
        read_study(copy)


def test_bytes_damaged_on_the_way_are_refused(file, tmp_path):
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 3, len(content) // 3 + 40):
        content[at] ^= 0xFF
    copy = tmp_path / "study.spl"
    copy.write_bytes(bytes(content))
    with pytest.raises(PackageError):
        read_study(copy)


def test_a_newer_format_is_refused_with_the_version_that_reads_it(file, tmp_path):
    def change(held):
        manifest = json.loads(held[MANIFEST])
        manifest["format"] = FORMAT + 1
        manifest["versions"]["spl_kedro"] = "9.9.9"
        held[MANIFEST] = json.dumps(manifest).encode()

    with pytest.raises(PackageError, match=rf"format {FORMAT + 1}.*Install spl_kedro 9\.9\.9"):
        read_study(rewritten(file, tmp_path, change))


@pytest.mark.parametrize("name", ["more.bin", "../outside.bin", "/etc/outside.bin"])
def test_a_part_that_the_manifest_does_not_name_is_refused(file, tmp_path, name):
    def change(held):
        held[name] = b"more"

    with pytest.raises(PackageError, match="other parts"):
        read_study(rewritten(file, tmp_path, change))


@pytest.mark.parametrize("name", ["../outside.bin", "/etc/outside.bin", "a\\b.bin"])
def test_a_part_whose_name_leaves_the_folder_is_refused_though_named(file, tmp_path, name):
    def change(held):
        held[name] = b"more"

    with pytest.raises(PackageError, match="other parts"):
        read_study(rewritten(file, tmp_path, change, honest=True))


@pytest.mark.parametrize("object_", [FunctionTransformer(subprocess.run), shutil.rmtree])
def test_a_model_of_a_foreign_type_is_refused_before_it_is_made(file, tmp_path, object_):
    def change(held):
        held["models.skops"] = skops.io.dumps({"rad": object_})

    with pytest.raises(PackageError, match="a type that no study has"):
        read_study(rewritten(file, tmp_path, change, honest=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("settings.json", b"{"),
        ("settings.json", b"{}"),
        ("models.skops", b"no zip"),
        ("networks/frozen.pt", b"no tensor"),
        ("tables/ranges.parquet", b"PAR1"),
        ("texts/model_card.md", b"\x80"),
        ("tables/moments.parquet", None),
    ],
)
def test_a_part_that_cannot_be_read_is_refused_in_one_line(file, tmp_path, name, content):
    # Found by fuzzing: each ended with an error of the library that reads it.
    def change(held):
        if content is None:
            del held[name]
        else:
            held[name] = content

    with pytest.raises(PackageError, match="one of its parts cannot be read") as refused:
        read_study(rewritten(file, tmp_path, change, honest=True))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("manifest", [b"[" * 100_000, b'{"format": 1}', b"[]", b"null", b"\x80"])
def test_a_manifest_that_is_none_is_refused(file, tmp_path, manifest):
    def change(held):
        held[MANIFEST] = manifest

    with pytest.raises(PackageError, match="no manifest that can be read"):
        read_study(rewritten(file, tmp_path, change))


def test_a_manifest_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "study.spl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, bytes(17 * 2**20))
    with pytest.raises(PackageError, match="no manifest that can be read") as refused:
        read_manifest(path)
    assert str(refused.value.__cause__) == "too large"


def test_a_missing_file_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(PackageError, match="kedro run --pipelines package_study"):
        read_study(tmp_path / "study.spl")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    folder = tmp_path_factory.mktemp("keys")
    for name in ("own", "other"):
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{name}.pem").write_bytes(private)
        (folder / f"{name}_public.pem").write_bytes(public)
    return folder


def test_a_signed_study_opens_with_the_key_of_its_signer_alone(packaged, keys, file, tmp_path):
    signed = tmp_path / "signed.spl"
    write_study(packaged, signed, keys / "own.pem")
    assert read_study(signed, keys / "own_public.pem").study_id
    assert read_study(signed).study_id
    with pytest.raises(PackageError, match=r"not signed by the key of other_public\.pem"):
        read_study(signed, keys / "other_public.pem")
    with pytest.raises(PackageError, match=r"study\.spl is not signed"):
        read_study(file, keys / "own_public.pem")


def test_a_signed_study_that_was_changed_with_its_manifest_is_refused(packaged, keys, tmp_path):
    signed = tmp_path / "signed.spl"
    write_study(packaged, signed, keys / "own.pem")

    def change(held):
        card = held["texts/model_card.md"] = b"# Another"
        manifest = json.loads(held[MANIFEST])
        stated = manifest["parts"]["texts/model_card.md"]
        stated |= {"sha256": hashlib.sha256(card).hexdigest(), "bytes": len(card)}
        held[MANIFEST] = json.dumps(manifest).encode()

    (tmp_path / "changed").mkdir()
    copy = rewritten(signed, tmp_path / "changed", change)
    assert read_study(copy).texts["model_card"] == "# Another"
    with pytest.raises(PackageError, match="not signed by the key"):
        read_study(copy, keys / "own_public.pem")


def test_a_file_that_holds_no_key_is_named(packaged, tmp_path):
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(PackageError, match=r"key\.pem holds none"):
        write_study(packaged, tmp_path / "study.spl", tmp_path / "key.pem")
