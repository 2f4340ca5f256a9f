"""The catalog as a whole: what every pipeline reads and writes has its place in it."""

import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.project import configure_project
from kedro.io import MemoryDataset, SharedMemoryDataCatalog
from kedro.io.catalog_config_resolver import CatalogConfigResolver
from kedro.runner import ParallelRunner
from tests.projects import ROOT

from spl_kedro.datasets.files_table import FilesTableDataset
from spl_kedro.settings import CONFIG_LOADER_ARGS

ENVIRONMENTS = (
    *("base", "test", "breast", "busi", "busbra", "study", "extended", "breast_extended"),
    *("machine_outlines", "breast_machine_outlines", "several_images"),
)


@pytest.fixture(scope="module")
def pipelines():
    configure_project("spl_kedro")
    from spl_kedro.pipeline_registry import register_pipelines

    return register_pipelines()


@pytest.fixture(scope="module")
def names(pipelines):
    """Every dataset of every pipeline, without parameters."""
    found = set().union(*(pipeline.datasets() for pipeline in pipelines.values()))
    return sorted(name for name in found if not name.startswith("param"))


def catalog_of(env):
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("BREAST_DIR", "BUSI_DIR", "BUSBRA_DIR", "STUDY_DIR"):
            patch.setenv(variable, "/a/folder")
        loader = OmegaConfigLoader(str(ROOT / "conf"), env=env, **CONFIG_LOADER_ARGS)
        return loader["catalog"]


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def catalog(request):
    return SharedMemoryDataCatalog.from_config(catalog_of(request.param))


def test_whatever_passes_between_two_steps_is_stored(catalog, names):
    # So that a run can start from any step of any pipeline.
    datasets = {name: catalog.get(name) for name in names}
    assert len(names) > 90
    assert {n for n, d in datasets.items() if d is None or isinstance(d, MemoryDataset)} == set()


def test_no_file_is_written_as_two_datasets(catalog, pipelines):
    written = set().union(*(pipeline.all_outputs() for pipeline in pipelines.values()))
    datasets = {name: catalog.get(name) for name in sorted(written)}
    # What refuses to be written may share a folder: images and outlines of a public cohort do.
    described = {
        name: dataset._describe()
        for name, dataset in datasets.items()
        if not (isinstance(dataset, FilesTableDataset) or getattr(dataset, "_read_only", False))
    }
    places = [str(told.get("filepath") or told.get("path", told)) for told in described.values()]
    assert sorted(set(places)) == sorted(places)


def test_every_layer_is_one_of_kedros_folders(catalog, names):
    layers = {
        "01_raw", "02_intermediate", "03_primary", "04_feature", "05_model_input", "06_models",
        "07_model_output", "08_reporting",
    }  # fmt: skip
    for name in names:
        metadata = getattr(catalog.get(name), "metadata", None)
        layer = metadata and metadata["kedro-viz"].get("layer")
        assert layer is None or layer in layers, name


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_entry_of_the_catalog_is_a_dataset_of_a_pipeline(env, names):
    entries = {key for key in catalog_of(env) if not (key.startswith("_") or "{" in key)}
    # The runs' own clock writes this one.
    assert entries - {"run_durations"} <= set(names)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("roc_curves", "{table}"),
        ("leak_free_fitted_study", "{protocol}_fitted_study"),
        ("radiomics_features", "{source}_features"),
        ("dtl_features_as_published", "{source}_features_{protocol}"),
        ("radiomics_stability_figure", "{figure}_figure"),
        ("dtl_model", "{model}_model"),
    ],
)
def test_a_name_is_made_by_the_pattern_that_fits_it_best(name, pattern):
    resolver = CatalogConfigResolver(catalog_of("base"), default_runtime_patterns={"{default}": {}})
    found = resolver.match_dataset_pattern(name) or resolver.match_user_catch_all_pattern(name)
    assert found == pattern


def test_every_pipeline_can_be_sent_to_other_processes(catalog, names, pipelines):
    for name in names:
        catalog.get(name)
    catalog.validate_catalog()  # raises for what cannot be pickled
    for pipeline in pipelines.values():
        ParallelRunner._validate_nodes(pipeline.nodes)
