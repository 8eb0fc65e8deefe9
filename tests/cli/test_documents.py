# SPDX-License-Identifier: MIT
"""Man pages and completions say what --help says."""

import os
import re
import subprocess

import pytest
from conftest import SOURCE, binary, environment

MAN = SOURCE / "man"
COMPLETIONS = SOURCE / "dist" / "completions"
OPTION = re.compile(r"^  (?:-\w,)?(--[a-z0-9-]+)|^  (-\w),", re.MULTILINE)


def help_of(*verb):
    return subprocess.run([binary(), *verb, "--help"], capture_output=True, env=environment(), text=True, check=True).stdout


def section(text, title):
    """Lines of one section of the help."""
    lines = text.splitlines()
    if f"{title}:" not in lines:
        return []
    start = lines.index(f"{title}:") + 1
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("  ")), len(lines))
    return lines[start:end]


def verbs_of(*verb):
    return [line.split()[0] for line in section(help_of(*verb), "Verbs")]


def options_of(*verb):
    """Long options of a verb, its own only."""
    names = {match.group(1) for line in section(help_of(*verb), "Options") if (match := OPTION.match(line))}
    return {name for name in names if name} - {"--help"}


VERBS = verbs_of()
ACTIONS = [(verb, action) for verb in VERBS for action in verbs_of(verb)]


def page(name):
    return (MAN / name).read_text()


def test_help_was_understood():
    assert {"status", "features", "metadata", "decode", "sim"} <= set(VERBS)
    assert ("sim", "create") in ACTIONS
    assert "--driver" in options_of()
    assert "--profile" in options_of("sim", "create")


@pytest.mark.parametrize("path", sorted(MAN.iterdir()), ids=lambda path: path.name)
def test_man_page_is_clean(path):
    lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", str(path)], capture_output=True, text=True, check=False)
    assert lint.stdout == ""
    assert lint.returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_page(verb):
    assert f".Nm tdxctl-{verb}" in page(f"tdxctl-{verb}.8")
    assert f".It Cm {verb}" in page("tdxctl.8")
    assert f".Xr tdxctl-{verb} 8" in page("tdxctl.8")


def test_global_options_are_in_the_page():
    for option in options_of() | {"--help"}:
        assert f"Fl -{option[2:]}" in page("tdxctl.8"), option


@pytest.mark.parametrize(("verb", "action"), ACTIONS)
def test_every_action_is_in_the_page(verb, action):
    text = page(f"tdxctl-{verb}.8")
    assert re.search(rf"^\.(It Cm|Cm|It Nm|Ss|Sh).*\b{action}\b", text, re.MULTILINE), action


@pytest.mark.parametrize("words", [(verb,) for verb in VERBS] + ACTIONS, ids=" ".join)
def test_every_option_is_in_the_page(words):
    text = page(f"tdxctl-{words[0]}.8")
    for option in options_of(*words):
        assert re.search(rf"^\.It Fl -{option[2:]}\b", text, re.MULTILINE), option


@pytest.mark.parametrize("shell", ["tdxctl.bash", "tdxctl.fish", "_tdxctl"])
def test_completions_know_every_verb_and_option(shell):
    text = (COMPLETIONS / shell).read_text()
    for word in [*VERBS, *(action for _, action in ACTIONS)]:
        assert re.search(rf"\b{word}\b", text), word
    for words in [(), *((verb,) for verb in VERBS), *ACTIONS]:
        for option in options_of(*words):
            prefix = "-l " if shell == "tdxctl.fish" else "--"
            assert re.search(rf"{prefix}{option[2:]}\b", text), option


def complete(tmp_path, *words):
    """What bash offers for the last word."""
    (tmp_path / "tdxctl").symlink_to(os.path.abspath(binary()))
    script = (
        f"PATH={tmp_path}:$PATH; . {COMPLETIONS}/tdxctl.bash; compopt() {{ :; }}; "
        'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tdxctl; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    run = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, env=environment(), text=True, check=True
    )
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [(["tdxctl", "st"], ["status"]), (["tdxctl", "--driver", "=", "na"], ["native"]),
     (["tdxctl", "--driver", "sim", "=", "gran"], ["granite-rapids"]), (["tdxctl", "features", "has", "SYS"], ["SYS_DISABLE"]),
     (["tdxctl", "metadata", "dump", "--method", ""], ["rd", "rdall"]), (["tdxctl", "metadata", "get", "NUM_CM"], ["NUM_CMRS"]),
     (["tdxctl", "sim", "create", "--boot", "lo"], ["loaded"]), (["tdxctl", "decode", "--as", "x"], ["xfam"])],
    ids=str,
)  # fmt: skip
def test_bash_completes(tmp_path, words, offered):
    assert complete(tmp_path, *words) == offered


def test_completions_offer_every_choice():
    kinds = re.search(r"what the numbers are: (.*)", help_of("decode")).group(1).split(", ")
    for shell in ("tdxctl.bash", "tdxctl.fish", "_tdxctl"):
        text = (COMPLETIONS / shell).read_text()
        for kind in kinds:
            assert re.search(rf"\b{kind}\b", text), (shell, kind)
    for kind in kinds:
        assert f".It Cm {kind}" in page("tdxctl-decode.8"), kind


def test_every_schema_is_in_the_json_page():
    text = page("tdxctl-json.5")
    for path in (SOURCE / "dist" / "schema").glob("*.json"):
        assert re.search(rf"\b{path.stem}\b", text), path.stem
