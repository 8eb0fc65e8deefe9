# SPDX-License-Identifier: MIT
"""The command line itself."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["statsu"], "did you mean 'status'?"), (["metadata", "gte"], "did you mean 'get'?"), (["status", "--foo"], "unknown option '--foo'"),
     (["status", "foo"], "unexpected argument 'foo'"), (["features", "has"], "NAME is required"),
     (["metadata"], "'tdxctl metadata' needs a verb: list, get, dump"), (["status", "features"], "unexpected argument 'features'"),
     (["--driver", "nonsense", "decode", "1"], "no driver is called 'nonsense'"),
     (["--root", "/nonexistent", "decode", "1"], "/nonexistent"), (["metadata", "get", "NUM_CMR"], "did you mean 'NUM_CMRS'?"),
     (["--bad\x1b[2J"], "\\x1b[2J")],
    ids=str,
)  # fmt: skip
def test_mistakes_are_explained(tdxctl, arguments, words):
    run = tdxctl(*arguments)
    assert (run.code, run.stdout) == (2, "")
    assert words in run.stderr
    assert run.stderr.startswith("tdxctl: ")
    assert "\x1b" not in run.stderr


@pytest.mark.parametrize("arguments", [
    ["update", "wanted", ""], ["update", "verify", "--key", "", "x"], ["update", "list", "--catalog", ""], ["update", "apply", "--timeout", ""],
    ["update", "plan", ""], ["connect", "plan", "--machine", ""], ["connect", "configure", "--features", ""], ["--driver", "", "status"],
    ["decode", "0x22", ""]], ids=str)  # fmt: skip
def test_an_empty_value_is_never_left_out_silently(tdxctl, arguments):
    run = tdxctl(*arguments)
    assert (run.code, run.stdout) == (2, "")
    assert "given and empty" in run.stderr
    assert tdxctl("--json", *arguments).json()["error"]["id"] == "usage"


def test_global_options_go_before_and_after(tdxctl):
    expected = tdxctl("--driver", "sim=conformance", "status").stdout
    assert tdxctl("status", "--driver", "sim=conformance").stdout == expected
    assert tdxctl("status", "--driver=sim=conformance").stdout == expected


def test_the_last_of_a_repeated_option_counts(tdxctl):
    run = tdxctl("--driver", "native", "--driver", "sim", "features")
    assert run.code == 0


def test_a_value_may_be_the_name_of_a_verb(tdxctl):
    assert tdxctl("sim", "show", "status").code == 2
    assert tdxctl("features", "has", "status").code == 2


def test_version_needs_no_verb(tdxctl):
    run = tdxctl("--version")
    assert run.code == 0
    assert run.stdout.startswith("tdxctl ")
    assert tdxctl("--json", "--version").json()["data"]["version"] == run.stdout.split()[1]


def test_many_arguments(tdxctl):
    run = tdxctl("--json", "decode", *(str(n) for n in range(200)))
    assert len(run.json()["data"]["numbers"]) == 200
