"""The one vocabulary of what a lesion must keep to."""

import ast
import pickle

import pytest
from tests.projects import ROOT

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule, rule_of_extraction, rules_table


def test_the_documentation_lists_every_rule_with_its_remedy():
    text = (ROOT / "docs/inputs.md").read_text(encoding="utf-8")
    assert text.endswith(rules_table() + "\n")


def test_every_rule_says_what_must_hold_and_what_to_do():
    for rule in Rule:
        assert str(rule) == rule.value
        assert rule.remedy.endswith(".")
        assert rule.remedy[0].isupper()


def test_an_unusable_lesion_gives_the_remedy_of_its_rule_unless_a_closer_one_is_known():
    plain = UnusableLesionError(Rule.NOT_EMPTY, "the outline of c1 holds no pixel.")
    assert str(plain) == (
        "an outline that is not empty: the outline of c1 holds no pixel. Remedy: Draw the lesion."
    )
    assert UnusableLesionError(Rule.NOT_EMPTY, "none.", "Wait.").remedy == "Wait."


def test_an_unusable_lesion_travels_between_processes_whole():
    sent = UnusableLesionError(Rule.FILLED, "the outline is a line.", "Fill it.")
    received = pickle.loads(pickle.dumps(sent))
    assert (received.rule, received.message, received.remedy) == (
        Rule.FILLED, "the outline is a line.", "Fill it.",
    )  # fmt: skip
    assert received.rule is Rule.FILLED


def used_rules() -> set[str]:
    """Names of the rules that the code mentions."""
    trees = (ast.parse(p.read_text(encoding="utf-8")) for p in ROOT.glob("src/spl_kedro/**/*.py"))
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Rule"
    }


def test_no_rule_is_without_a_use():
    assert {rule.name for rule in Rule} == used_rules()


def test_a_name_that_the_extraction_does_not_have_is_refused():
    assert rule_of_extraction("outline_not_empty") is Rule.NOT_EMPTY
    with pytest.raises(KeyError):
        rule_of_extraction("something else")
