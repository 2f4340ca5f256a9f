import pytest

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.radiomics_words import FEATURE_WORDS, IMAGE_WORDS


def test_every_feature_pyradiomics_can_give_has_words(pyradiomics):
    for name, feature_class in pyradiomics.getFeatureClasses().items():
        for feature in feature_class.getFeatureNames():
            label, meaning = FEATURE_WORDS[name].get(feature, (None, None))
            known = label is not None
            removed = feature_class.getFeatureNames()[feature]
            assert known or removed, f"{name} {feature}"
            if known:
                assert meaning
                assert not meaning.endswith(".")


def test_every_link_names_the_method_that_defines_the_feature(pyradiomics):
    for name, feature_class in pyradiomics.getFeatureClasses().items():
        for feature in FEATURE_WORDS[name]:
            url = readable_name(f"original_{name}_{feature}").url
            anchor = url.partition("#")[2].split(".")
            if hasattr(feature_class, anchor[-1]):
                assert anchor[-2] == feature_class.__name__
                assert f"radiomics.{anchor[1]}" == feature_class.__module__


def test_the_issues_example_reads_plainly():
    name = readable_name("wavelet-HLH_glszm_GrayLevelNonUniformity")
    assert name.label == "Grey-level non-uniformity (patches of equal grey, wavelet HLH)"
    assert "patches concentrated on few greys" in name.phrase
    assert "rounding noise on a single slice" in name.phrase
    assert name.url.endswith("glszm.RadiomicsGLSZM.getGrayLevelNonUniformityFeatureValue")
    assert name.source == "radiomics"


@pytest.mark.parametrize(
    ("band", "words"),
    [
        ("LLL", "the smoothed image"),
        ("HLL", "fine detail from side to side"),
        ("LHL", "fine detail along depth"),
        ("HH", "fine diagonal detail"),
    ],
)
def test_wavelet_letters_are_side_to_side_then_depth(band, words):
    assert words in readable_name(f"wavelet-{band}_glcm_Contrast").phrase


def test_labels_stay_distinct_over_classes_and_images():
    images = [
        *IMAGE_WORDS,
        "wavelet-HL",
        "wavelet-HLL",
        "log-sigma-1-0-mm-3D",
        "log-sigma-2-0-mm-3D",
    ]
    labels = {
        readable_name(f"{image}_{name}_{feature}").label
        for image in images
        for name in ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
        for feature in FEATURE_WORDS[name]
    }
    n_features = sum(len(FEATURE_WORDS[n]) for n in FEATURE_WORDS if not n.startswith("shape"))
    assert len(labels) == len(images) * n_features


def test_clinical_names_show_their_unit():
    assert readable_name("lesion_size_mm").label == "Lesion size (mm)"
    assert readable_name("crp_mg_l").label == "CRP (mg/l)"
    assert readable_name("pack_years").label == "Pack-years"
    assert readable_name("pleural_line").source == "clinical"


def test_deep_features_and_scores_are_told_from_clinical_variables():
    assert readable_name("dtl_017").source == "deep"
    assert readable_name("dlr_score").source == "score"
    assert readable_name("dlr_score").url is None
