"""Boxes and clicks as people might draw them."""

import numpy as np
import pytest
from tests.segmentation.conftest import make_lesion

from spl_kedro.segmentation import PromptSettings, draw_prompt, draw_prompts, prompts_of

MASK = make_lesion().mask
EXACT = PromptSettings(margin=0, jitter=0)


def test_a_box_without_border_and_jitter_is_the_outlines_bounding_box():
    box = draw_prompt(MASK, "a", "box", EXACT, 0)
    rows, columns = np.flatnonzero(MASK.any(1)), np.flatnonzero(MASK.any(0))
    assert (box.x, box.y) == (columns[0], rows[0])
    assert (box.width, box.height) == (len(columns), len(rows))


def test_a_box_has_its_border_and_moves_by_no_more_than_the_jitter():
    settings = PromptSettings(margin=0.2, jitter=0.1)
    boxes = [draw_prompt(MASK, str(k), "box", settings, 0) for k in range(50)]
    exact = draw_prompt(MASK, "a", "box", EXACT, 0)
    left = np.array([(exact.x - box.x) / exact.width for box in boxes])
    top = np.array([(exact.y - box.y) / exact.height for box in boxes])
    for moved in (left, top):
        assert (moved >= 0.1 - 1e-9).all()
        assert (moved <= 0.3 + 1e-9).all()
        assert np.ptp(moved) > 0.1  # 50 draws of a width of 0.2


def test_a_box_ends_where_the_image_ends():
    mask = np.zeros((20, 30), dtype=bool)
    mask[:5, 25:] = True
    box = draw_prompt(mask, "a", "box", PromptSettings(margin=0.5, jitter=0), 0)
    assert (box.y, box.x + box.width) == (0, 30)


def test_a_click_falls_deep_in_the_outline():
    inner = make_lesion(radius=6).mask
    for k in range(30):
        click = draw_prompt(MASK, str(k), "click", PromptSettings(depth=0.5), 0)
        assert inner[int(click.y), int(click.x)]
        assert click.width is None


def test_the_same_seed_and_lesion_give_the_same_prompt_and_others_another():
    settings = PromptSettings()
    cases = (("a", 0, 0), ("a", 0, 0), ("b", 0, 0), ("a", 1, 0), ("a", 0, 1))
    drawn = [draw_prompt(MASK, name, "box", settings, seed, view) for name, seed, view in cases]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 4


def test_a_table_of_prompts_gives_them_back():
    table = draw_prompts([("a", MASK)], PromptSettings(), 3)
    found = prompts_of(table)
    assert found["a", "box"] == draw_prompt(MASK, "a", "box", PromptSettings(), 3)
    assert found["a", "click"] == draw_prompt(MASK, "a", "click", PromptSettings(), 3)


def test_a_kind_named_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        PromptSettings(kinds=("box", "box"))
