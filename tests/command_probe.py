"""Parses commands by their own parsers, and stops there: a process of its own for the tests.

Reads a list of word lists from standard input and writes a list of what is wrong with each (null:
nothing).
"""

import argparse
import json
import runpy
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
#: Words that stand for a reader's own.
OWN = {"NAME", "NODE", "...", "hospital_b", "mine"}


class ParsedError(Exception):
    """A script has read its arguments and would begin."""


def main() -> None:
    """Judge each command."""
    told = json.load(sys.stdin)
    parse = argparse.ArgumentParser.parse_args

    def parsed(self, *arguments, **options):
        parse(self, *arguments, **options)
        raise ParsedError

    argparse.ArgumentParser.parse_args = parsed
    judge = {"kedro": Kedro().fault, "python": script_fault}
    output = sys.stdout
    sys.stdout = sys.stderr
    faults = [judge[words[0]](words[1:]) for words in told]
    json.dump(faults, output)


def script_fault(words: list[str]) -> str | None:
    """Return why a script refuses its arguments."""
    by_name = words[0] == "-m"
    name, *arguments = words[1:] if by_name else words
    sys.argv = [name, *arguments]
    paths = sys.path.copy()
    sys.path.insert(0, str((ROOT / name).parent))
    try:
        if by_name:
            runpy.run_module(name, run_name="__main__")
        else:
            runpy.run_path(str(ROOT / name), run_name="__main__")
    except ParsedError:
        return None
    except SystemExit as end:
        return f"ended by its parser, {end.code}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        sys.path[:] = paths
    return "ran, and parsed nothing"


class Kedro:
    """The project's own command line, and what its words may name."""

    def __init__(self) -> None:
        from kedro.framework.cli.cli import KedroCLI

        self._cli = KedroCLI(project_path=ROOT)
        from kedro.framework.project import pipelines

        self._pipelines = dict(pipelines)

    def fault(self, words: list[str]) -> str | None:
        """Return why kedro would refuse a command, or what is not there that it names."""
        import click

        command, context, path = self._cli, None, []
        while isinstance(command, click.Group):
            if not words:
                return None
            path.append(words.pop(0))
            command = command.get_command(context, path[-1])
            if command is None:
                return f"there is no command {' '.join(path)}"
        try:
            options = command.make_context(path[-1], words).params
        except click.ClickException as error:
            return error.format_message()
        except SystemExit:
            return None
        return self._unknown(options) if path == ["run"] else None

    def _unknown(self, options: dict) -> str | None:
        env, names = options["env"] or "base", options["pipelines"] or ["__default__"]
        if options["pipeline"]:
            return "--pipeline prints a warning: write --pipelines"
        if env not in OWN and not (ROOT / "conf" / env).is_dir():
            return f"there is no environment {env}"
        chosen = [self._pipelines.get(name) for name in names if name not in OWN]
        if None in chosen:
            return f"there is no pipeline among {names}"
        nodes = {node.name.split(".")[-1] for pipeline in chosen for node in pipeline.nodes}
        nodes |= {node.name for pipeline in chosen for node in pipeline.nodes}
        for option in ("node_names", "from_nodes", "to_nodes"):
            unknown = set(options[option] or ()) - nodes - OWN
            if unknown:
                return f"there are no nodes {sorted(unknown)}"
        spaces = {name for node in nodes for name in (node.rsplit(".", 1)[0],)}
        if set(options["namespaces"] or ()) - spaces:
            return f"there is no namespace among {options['namespaces']}"
        return next(filter(None, map(_unknown_key, _keys(options["params"]))), None)


def _keys(values: dict, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in (values or {}).items():
        here = (*before, *key.split("."))
        found += _keys(value, here) if isinstance(value, dict) else [here]
    return found


def _unknown_key(path: tuple[str, ...]) -> str | None:
    values, texts = {}, []
    for file in (ROOT / "conf/base").glob("*.yml"):
        texts.append(file.read_text(encoding="utf-8"))
        if file.name.startswith("parameters_"):
            values |= yaml.safe_load(texts[-1]) or {}
    for key in path:
        if not isinstance(values, dict) or key not in values:
            # Of those that the catalog reads.
            known = any(f"runtime_params:{'.'.join(path)}" in text for text in texts)
            return None if known else f"conf/base has no parameter {'.'.join(path)}"
        values = values[key]
    return None


if __name__ == "__main__":
    main()
