# SPDX-License-Identifier: MIT
"""Terminals, pipes that close, disks that are full."""

import json
import os
import signal
import subprocess

import pytest
from conftest import binary, environment, validate
from lab import NEW, make_lab

ESCAPE = "\x1b["


def test_a_terminal_has_colours(on_terminal):
    text, code = on_terminal("--driver", "sim", "features")
    assert code == 0
    assert ESCAPE in text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_colours_can_be_turned_off(on_terminal, env):
    text, _ = on_terminal("--driver", "sim", "features", **env)
    assert ESCAPE not in text


def test_an_empty_no_color_does_not_count(on_terminal):
    text, _ = on_terminal("--driver", "sim", "features", NO_COLOR="")
    assert ESCAPE in text


def test_a_pipe_has_no_colours(sim):
    for verb in ("features", "status"):
        assert ESCAPE not in sim(verb).stdout


def test_colours_change_nothing_else(on_terminal, sim):
    coloured, _ = on_terminal("--driver", "sim", "status")
    plain = sim("status").stdout
    for code in ("0", "1", "2", "31", "32", "33"):
        coloured = coloured.replace(f"{ESCAPE}{code}m", "")
    assert coloured == plain


def test_checks_fit_into_the_terminal(on_terminal, tmp_path):
    machine, key, root, images = make_lab(binary(), tmp_path)
    plan = ("--driver", f"sim={machine}", "--root", str(root), "update", "plan", "--key", str(key), str(images[NEW]))
    narrow, code = on_terminal(*plan, columns=80, NO_COLOR="1")
    assert code == 0
    (head, *checks) = narrow.splitlines()[2:]
    assert "47 rules" in head
    assert max(map(len, checks)) <= 80
    assert "  ok       image_cpu_not_listed" in checks
    assert "           the image is for the CPU of every package: 2 of Emerald Rapids" in checks
    wide, _ = on_terminal(*plan, columns=400, NO_COLOR="1")
    # A terminal that does not say how wide it is gets the same.
    assert wide == on_terminal(*plan, NO_COLOR="1")[0]
    assert any("image_cpu_not_listed" in line and "2 of Emerald Rapids" in line for line in wide.splitlines())


def test_json_is_for_people_on_a_terminal(on_terminal, sim):
    text, _ = on_terminal("--driver", "sim", "--json", "features")
    assert text.startswith('{\n  "schema": ')
    document = json.loads(text)
    validate(document)
    assert document["data"] == sim("--json", "features").json()["data"]


def test_the_locale_does_not_matter(sim):
    plain = sim("status").stdout
    for locale in ("de_DE.UTF-8", "tr_TR.UTF-8", "C", "nonsense"):
        assert sim("status", env={"LC_ALL": locale, "LANG": locale}).stdout == plain


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
@pytest.mark.parametrize("disposition", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_reader_that_goes_away_is_no_error(json_flag, disposition):
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [binary(), "--driver", "sim", *json_flag, "metadata", "dump"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, disposition),
        restore_signals=False,
        check=False,
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["--driver", "sim", "status"], ["--driver", "sim", "--json", "features"]],
    ids=" ".join,
)  # fmt: skip
def test_a_full_disk_is_an_error(arguments):
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [binary(), *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert process.returncode == 1
    assert process.stderr == b"tdxctl: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_a_change_whose_report_is_lost_is_no_run_that_did_nothing(tmp_path, json_flag):
    machine, key, root, images = make_lab(binary(), tmp_path)
    command = [binary(), "--driver", f"sim={machine}", "--root", str(root), *json_flag, "update", "apply", "--yes", "--key", str(key), str(images[NEW])]

    def run():
        with open("/dev/full", "wb") as full:
            return subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)

    done = run()
    assert done.returncode == 9
    assert b"what was asked for was done, and the report of it is lost: cannot write to standard output" in done.stderr
    assert b"hint: look at what it changed before you repeat it" in done.stderr
    # Nothing is left to be done now: what cannot be told is no change.
    assert run().returncode == 1


@pytest.mark.parametrize("verb", [["connect", "configure"], ["disable"]])
def test_whatever_changes_the_module_says_so_though_its_report_is_lost(tmp_path, verb):
    machine = tmp_path / "machine.json"
    boot = "ready" if verb == ["disable"] else "loaded"
    subprocess.run([binary(), "-q", "sim", "create", machine, "--profile", "connect-preview", "--lps", "4", "--boot", boot], env=environment(), check=True)
    with open("/dev/full", "wb") as full:
        command = [binary(), "--driver", f"sim={machine}", "--root", tmp_path, *verb, "--yes"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert run.returncode == 9
    assert b"what was asked for was done, and the report of it is lost" in run.stderr


@pytest.mark.parametrize("redirection", [">&-", "<&- >&-"])
def test_a_closed_standard_output_is_an_error(redirection):
    process = subprocess.run(
        ["sh", "-c", f'"$0" --driver sim --json features {redirection}', binary()],
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert process.returncode == 1
    assert b"cannot write to standard output" in process.stderr


def test_a_closed_standard_error_does_not_matter():
    process = subprocess.run(
        ["sh", "-c", '"$0" --driver sim features has SYS_DISABLE 2>&-', binary()],
        stdout=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert process.returncode == 3
    assert process.stdout.endswith(b"SYS_DISABLE  no\n")


def test_a_closed_standard_input_is_an_error_only_where_it_is_read():
    def run(arguments):
        return subprocess.run(
            ["sh", "-c", f'"$0" {arguments} <&-', binary()], capture_output=True, env=environment(), check=False
        )

    assert run("--version").returncode == 0
    failed = run("decode -")
    assert failed.returncode == 1
    assert b"cannot read standard input" in failed.stderr
