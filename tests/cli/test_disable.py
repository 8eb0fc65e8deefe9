# SPDX-License-Identifier: MIT
"""disable, its plan, and the hook that systemd-shutdown runs."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import HOSTS, SOURCE, answer_on_terminal, binary, environment

INTERRUPTED = "0x8000000300000000"
BUSY = "0x8000020200000000"
NOT_READY = "0xc000050500000000"
SHUTDOWN = "0xc000050600000000"
OPERAND_INVALID = "0xc000010000000000"
HOOK = (SOURCE / "dist" / "systemd" / "tdxctl-shutdown.in").read_text()


@pytest.fixture
def machine(tdxctl, tmp_path):
    """Makes the file of a ready machine whose module can be disabled."""

    def make(*options, faults=None, profile="connect-preview", boot="ready", name="m.json"):
        path = tmp_path / name
        path.unlink(missing_ok=True)
        (tmp_path / f"{name}.state").unlink(missing_ok=True)
        more = ("--faults", faults) if faults else ()
        assert tdxctl("-q", "sim", "create", str(path), "--profile", profile, "--boot", boot, *options, *more).code == 0
        return path

    return make


def state(sim, path):
    return sim("--json", "status", machine=path).json()["data"]["module"]["state"]


def test_disables_and_says_so(sim, machine):
    path = machine()
    document = sim("--json", "disable", "--yes", machine=path).json()
    assert (document["ok"], document["changed"], document["driver"]) == (True, True, "sim")
    assert document["data"]["state_after"] == "not-initialised"
    assert document["data"]["calls"] >= 1
    assert state(sim, path) == "not-initialised"


def test_is_idempotent(sim, machine):
    path = machine()
    assert sim("disable", "--yes", machine=path).code == 0
    document = sim("--json", "disable", "--yes", machine=path).json()
    assert (document["ok"], document["changed"]) == (True, False)
    assert document["data"]["calls"] == 0


@pytest.mark.parametrize("option", ["--plan", "--dry-run"])
def test_plan_changes_nothing(sim, machine, option):
    path = machine()
    document = sim("--json", "disable", option, machine=path).json()
    assert (document["ok"], document["changed"], document["schema"]) == (True, False, "tdxctl.disable-plan/1")
    assert [check["verdict"] for check in document["data"]["checks"]] == ["ok", "ok"]
    assert state(sim, path) == "ready"
    assert not os.path.exists(f"{path}.state")


def test_plan_exits_as_the_action_would(sim, machine):
    for options, code, error in [
        ((), 0, None),
        (("--tds", "2"), 8, "tds_in_use"),
        (("--features0", "0x18d1326f3f0fbf"), 3, "module_cannot_disable"),
    ]:
        path = machine(*options)
        plan = sim("--json", "disable", "--plan", machine=path)
        action = sim("--json", "disable", "--yes", machine=path)
        assert plan.code == action.code == code
        for run in (plan, action):
            document = run.json()
            assert (document["error"] or {}).get("id") == error
            assert document["data"] is not None


def test_tds_are_never_lost(sim, machine):
    path = machine("--tds", "3")
    run = sim("disable", "--yes", "--wait-tds", "300ms", machine=path)
    assert run.code == 8
    assert "3 of" in run.stderr
    assert "--wait-tds" in run.stderr
    assert state(sim, path) == "ready"


def test_asks_before_it_acts(sim, machine):
    path = machine()
    run = sim("--json", "disable", machine=path)
    assert run.code == 8
    assert run.json()["error"]["id"] == "confirmation_needed"
    assert state(sim, path) == "ready"


@pytest.mark.parametrize(("answer", "code", "after"), [(b"n\n", 8, "ready"), (b"\n", 8, "ready"), (b"\x04", 8, "ready"), (b"y\n", 0, "not-initialised")])
def test_heeds_the_answer(sim, machine, answer, code, after):
    path = machine()
    status, stderr = answer_on_terminal(answer, "--driver", f"sim={path}", "disable")
    assert status == code
    assert "Disable the TDX module now? [y/N]" in stderr
    assert "afterwards" in stderr, "the plan is shown with the question"
    assert state(sim, path) == after


def test_nothing_to_do_does_not_ask(sim, machine):
    for boot in ("no-module", "loaded"):
        run = sim("disable", machine=machine(boot=boot))
        assert run.code == 0
        assert "nothing to do" in run.stdout


@pytest.mark.parametrize("nth", [1, 2, 100])
@pytest.mark.parametrize(
    ("status", "first", "later"),
    [
        (NOT_READY, (0, None), (9, "disable_unfinished")),
        (SHUTDOWN, (0, None), (9, "disable_unfinished")),
        (OPERAND_INVALID, (3, "module_cannot_disable"), (9, "disable_unfinished")),
        ("0xc000050700000000", (3, "module_state"), (9, "disable_unfinished")),
        ("0xc0000f0000000000", (1, "seamcall_failed"), (9, "disable_unfinished")),
        ("0x0000000100000000", (1, "seamcall_failed"), (9, "disable_unfinished")),
        ("ud", (3, "seamcall_ud"), (9, "disable_unfinished")),
        ("gp", (3, "seamcall_gp"), (9, "disable_unfinished")),
        ("vmfailinvalid", (3, "seamcall_vmfailinvalid"), (9, "disable_unfinished")),
    ],
)
def test_every_answer_has_its_own_end(sim, machine, nth, status, first, later):
    answer = f"status={status}" if status.startswith("0x") else f"outcome={status}"
    faults = [f"seamcall=69,{answer}"]  # counts the calls that no fault before it has answered
    if nth > 1:
        faults.insert(0, f"seamcall=69,count={nth - 1},status={INTERRUPTED}")
    run = sim("--json", "disable", "--yes", machine=machine(faults=";".join(faults)))
    document = run.json()
    code, error = first if nth == 1 else later
    assert (run.code, (document["error"] or {}).get("id"), document["changed"]) == (code, error, code == 9)
    assert document["data"]["calls"] == nth
    assert document["data"]["interrupted"] == nth - 1
    if status == NOT_READY and nth == 1:
        assert [warning["id"] for warning in document["warnings"]] == ["half_initialised"]


def test_too_old_a_module_names_the_way_on(sim, machine):
    run = sim("disable", "--yes", machine=machine(faults=f"seamcall=69,status={OPERAND_INVALID}"))
    assert "no published release can be disabled yet" in run.stderr


@pytest.mark.parametrize("busy", [1, 10, 1000])
def test_busy_answers_are_outlasted_and_counted(sim, machine, busy):
    path = machine(faults=f"seamcall=69,count={busy},status={BUSY}")
    document = sim("--json", "disable", "--yes", machine=path).json()
    assert document["changed"] is True
    assert document["data"]["busy"] == busy
    assert document["data"]["calls"] >= busy + 1


def test_a_time_limit_ends_what_would_never_end(sim, machine):
    for status, code, error in [(BUSY, 11, "time_limit"), (INTERRUPTED, 9, "disable_unfinished")]:
        path = machine(faults=f"seamcall=69,count=0,status={status}")
        started = time.monotonic()
        run = sim("--json", "disable", "--yes", "--timeout", "300ms", machine=path)
        assert time.monotonic() - started < 10
        assert (run.code, run.json()["error"]["id"]) == (code, error)


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(signal.SIGINT, BUSY, 5), (signal.SIGTERM, INTERRUPTED, 9), (signal.SIGHUP, BUSY, 5)],
)
def test_a_signal_ends_it_in_order(machine, number, status, code):
    path = machine(faults=f"seamcall=69,count=0,status={status}")
    process = subprocess.Popen(
        [binary(), "--json", "--driver", f"sim={path}", "disable", "--yes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not os.path.exists(f"{path}.state") and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == code
    document = json.loads(stdout)
    assert document["error"]["id"] == ("disable_unfinished" if code == 9 else "interrupted")


def test_a_second_caller_is_told_at_once_and_a_killed_run_is_gone_on_with(sim, machine):
    path = machine(faults=f"seamcall=69,count=0,status={BUSY}")
    first = subprocess.Popen([binary(), "--driver", f"sim={path}", "disable", "--yes"], stderr=subprocess.PIPE, env=environment())
    while not os.path.exists(f"{path}.state"):
        assert first.poll() is None
        time.sleep(0.01)
    second = sim("--json", "disable", "--yes", machine=path)
    assert (second.code, second.json()["error"]["id"]) == (5, "busy")
    first.kill()
    first.wait(timeout=60)
    first.stderr.close()
    path.write_text(re.sub(r',?\s*"faults": "[^"]*"', "", path.read_text()))
    assert sim("disable", "--yes", machine=path).code == 0


def test_if_needed_is_silent_where_nothing_is_needed(sim, tdxctl, machine):
    for path in [machine(boot="no-seam"), machine(boot="no-module"), machine(boot="loaded")]:
        run = sim("disable", "--if-needed", "--yes", machine=path)
        assert (run.code, run.stdout, run.stderr) == (0, "", "")
    for host in ("debian-no-tdx", "tdx-host-7.3"):
        run = tdxctl("--root", str(HOSTS / host), "--json", "disable", "--if-needed", "--yes")
        document = run.json()
        assert (run.code, document["changed"]) == (0, False), host
        assert document["data"]["plan"]["nothing_to_do"]


def test_if_needed_still_does_what_is_needed(sim, machine):
    path = machine()
    assert sim("--json", "disable", "--if-needed", "--yes", machine=path).json()["changed"] is True
    assert sim("disable", "--if-needed", "--yes", machine=machine("--tds", "1")).code == 8


@pytest.mark.parametrize("typed", ["5x", "-1s", "", "1h1", "999999h", "1.5s"])
def test_wrong_durations_are_usage_errors(sim, typed):
    for option in ("--timeout", "--wait-tds"):
        run = sim("--json", "disable", f"{option}={typed}")
        assert (run.code, run.json()["error"]["id"]) == (2, "usage")


@pytest.fixture
def hook(tmp_path, machine):
    """The hook as it is installed, with a program and a kernel log of the test's own."""

    def run(word, path):
        program = tmp_path / "sbin"
        program.mkdir(exist_ok=True)
        # The installed program has no simulated machine to warn of.
        call = f'said=$({binary()} --driver "sim={path}" "$@" 2>&1); status=$?; echo "$said" | grep -v "^simulated"; exit $status'
        (program / "tdxctl").write_text(f"#!/bin/sh\n{call}\n")
        (program / "tdxctl").chmod(0o755)
        log = tmp_path / "kmsg"
        log.write_text("")
        script = tmp_path / "hook"
        script.write_text(HOOK.replace("@CMAKE_INSTALL_FULL_SBINDIR@", str(program)).replace("/dev/kmsg", str(log)))
        ended = subprocess.run(["sh", script, *word], capture_output=True, env=environment(), timeout=60, check=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
        return log.read_text()

    return run


@pytest.mark.parametrize("word", [["poweroff"], ["halt"], ["reboot"], [], ["kexec-tools"]], ids=str)
def test_the_hook_acts_on_no_other_word(sim, machine, hook, word):
    path = machine()
    assert hook(word, path) == ""
    assert state(sim, path) == "ready"


def test_the_hook_disables_and_says_one_line(sim, machine, hook):
    path = machine()
    said = hook(["kexec"], path)
    assert re.fullmatch(r"<6>tdxctl: before kexec: .*disabled.*\n", said)
    assert state(sim, path) == "not-initialised"


def test_the_hook_says_why_not(machine, hook):
    assert hook(["kexec"], machine(boot="loaded")) == "<6>tdxctl: before kexec: nothing to disable\n"
    refused = hook(["kexec"], machine("--features0", "0x18d1326f3f0fbf"))
    assert re.fullmatch(r"<4>tdxctl: before kexec: expected that the TDX module has TDH.SYS.DISABLE.*\n", refused)
