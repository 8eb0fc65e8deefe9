# SPDX-License-Identifier: MIT
"""tdxctl connect configure: bringing simulated machines up."""

import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest
from conftest import answer_on_terminal, binary, environment

MIB = 1 << 20
CONNECT = "0x0000000000000040"
POOL_BYTES = 8960 * 4096  # of one feature on the Extensions, as the profile says
PREVIEW = 0x18D1326F3F0FBF | 1 << 6 | 1 << 36 | 1 << 39 | 1 << 50
UNKNOWN_STATUS = "0xc0000f0000000000"
INTERRUPTED = "0x8000000300000000"
NO_TIME = "0xc00001000000000b"
BASE_STEPS = ["init", "lp-init", "config", "key-config", "tdmr-init"]


@pytest.fixture
def machine(tdxctl, tmp_path):
    """Makes the file of a machine whose module is loaded."""

    def make(*options, faults=None, profile="connect-preview", boot="loaded"):
        path = tmp_path / "m.json"
        path.unlink(missing_ok=True)
        (tmp_path / "m.json.state").unlink(missing_ok=True)
        more = ("--faults", faults) if faults else ()
        assert tdxctl("-q", "sim", "create", str(path), "--profile", profile, "--boot", boot, *options, *more).code == 0
        return path

    return make


@pytest.fixture
def configure(sim, tmp_path):
    """Runs connect configure --json --yes, with a store of the test's own."""

    def run(path, *arguments, yes=True):
        return sim("--json", "--root", str(tmp_path), "connect", "configure", *arguments, *(["--yes"] if yes else []), machine=path)

    return run


def without_faults(path):
    path.write_text(re.sub(r',?\s*"faults": "[^"]*"', "", path.read_text()))
    return path


def state(sim, path):
    return sim("--json", "status", machine=path).json()["data"]["module"]["state"]


def steps_of(document):
    return [step["name"] for step in document["data"]["bring_up"]["steps"]]


def test_brings_the_module_up_and_proves_it(sim, machine, configure):
    path = machine()
    document = configure(path).json()
    assert (document["ok"], document["changed"], document["driver"]) == (True, True, "sim")
    data = document["data"]
    bring_up = data["bring_up"]
    assert data["plan"]["config"]["version"] == 0
    assert data["plan"]["limits_read"] is True, "planned again by what the module tells"
    assert steps_of(document) == BASE_STEPS
    assert all(step["duration_ns"] > 0 for step in bring_up["steps"])
    assert bring_up["state_after"] == "ready"
    assert bring_up["tdmrs"] == {"initialised": len(data["plan"]["tdmrs"]), "count": len(data["plan"]["tdmrs"])}
    assert bring_up["pamt_bytes"] == data["plan"]["pamt_bytes"]
    assert bring_up["pool_bytes"] == 0
    assert {check["verdict"] for check in bring_up["checks"]} == {"ok", "skipped"}
    assert document["warnings"] == []
    assert state(sim, path) == "ready"


def test_with_connect_the_extensions_are_made(sim, machine, configure):
    path = machine()
    document = configure(path, "--features", "connect").json()
    data = document["data"]
    assert data["plan"]["config"]["version"] == 1
    assert data["plan"]["config"]["features"]["mask"] == CONNECT
    assert steps_of(document) == [*BASE_STEPS, "ext-mem-add", "ext-init"]
    assert data["bring_up"]["pool_bytes"] == POOL_BYTES
    assert {check["verdict"] for check in data["bring_up"]["checks"]} == {"ok"}
    shown = sim("--json", "connect", "show", machine=path).json()["data"]
    assert {each["name"]: each["enabled"] for each in shown["features"]} == {
        "TDXCONNECT": True, "DYNAMIC_PAMT": False, "EXT": True, "QUOTE": False,
    }  # fmt: skip
    assert shown["extensions"] == {"required": True, "pool_bytes": 0}
    assert shown["extensions_estimated_bytes"] == 2 * POOL_BYTES, "for Connect and quoting"


def test_quoting_has_a_step_of_its_own(machine, configure):
    document = configure(machine(), "--features", "connect,quote").json()
    assert steps_of(document)[-1] == "quote-init"
    assert document["data"]["bring_up"]["pool_bytes"] == 2 * POOL_BYTES


def test_dynamic_pamt_takes_little_memory(machine, configure):
    whole = configure(machine()).json()["data"]["bring_up"]["pamt_bytes"]
    data = configure(machine(), "--features", "dynamic-pamt").json()["data"]
    assert data["plan"]["config"] == {**data["plan"]["config"], "version": 0, "dynamic_pamt": True}
    assert data["bring_up"]["pamt_bytes"] < whole / 50


@pytest.mark.parametrize("profile", ["sapphire-rapids", "sierra-forest", "granite-rapids", "conformance"])
def test_every_built_in_machine_comes_up(machine, configure, profile):
    document = configure(machine(profile=profile)).json()
    assert document["changed"] is True
    assert document["data"]["bring_up"]["pamt_bytes"] == document["data"]["plan"]["pamt_bytes"]


def test_the_second_run_has_nothing_to_do(machine, configure):
    path = machine()
    assert configure(path, "--features", "connect").json()["changed"] is True
    for features in (["--features", "connect"], []):
        document = configure(path, *features).json()
        assert (document["ok"], document["changed"]) == (True, False)
        assert document["data"]["nothing_to_do"]
        assert document["data"]["brought_up_with"] == CONNECT
        assert steps_of(document) == []


def test_nothing_to_do_does_not_ask(machine, configure):
    run = configure(machine(profile="granite-rapids", boot="ready"), yes=False)
    assert (run.code, run.json()["changed"]) == (0, False)


def test_dry_run_changes_nothing(sim, machine, configure):
    path = machine()
    document = configure(path, "--features", "connect", "--dry-run", yes=False).json()
    assert (document["ok"], document["changed"]) == (True, False)
    assert (document["data"]["dry_run"], document["data"]["bring_up"]) == (True, None)
    assert document["data"]["plan"]["verdict"] == "unknown", "the module does not tell its features yet"
    assert state(sim, path) == "not-initialised"
    assert not os.path.exists(f"{path}.state")


def test_after_disable_it_can_be_brought_up_again(sim, machine, configure):
    path = machine()
    for features in ([], ["--features", "connect"], ["--features", "dynamic-pamt"]):
        assert configure(path, *features).json()["changed"] is True
        assert sim("disable", "--yes", machine=path).code == 0
        assert state(sim, path) == "not-initialised"


def test_other_features_are_refused(sim, machine, configure):
    path = machine()
    assert configure(path).code == 0
    for run in (configure(path, "--features", "connect"), configure(path, "--features", "connect", "--dry-run")):
        assert (run.code, run.json()["error"]["id"]) == (8, "module_features_differ")
        assert "--take-over" in run.json()["error"]["hint"]
    assert state(sim, path) == "ready"


def test_taking_over_has_to_be_confirmed(sim, machine, configure):
    path = machine(boot="ready")
    run = configure(path, "--features", "connect", "--take-over", yes=False)
    document = run.json()
    assert (run.code, document["error"]["id"]) == (8, "confirmation_needed")
    assert document["data"]["disable"]["checks"]
    assert state(sim, path) == "ready"
    document = configure(path, "--features", "connect", "--take-over").json()
    assert (document["ok"], document["changed"]) == (True, True)
    assert steps_of(document)[0] == "disable"
    assert document["data"]["brought_up_with"] is None, "as it was before"
    again = configure(path, "--features", "connect", "--take-over", yes=False)
    assert (again.code, again.json()["changed"]) == (0, False)


def test_tds_are_never_lost(sim, machine, configure):
    path = machine("--tds", "1", boot="ready")
    run = configure(path, "--features", "connect", "--take-over")
    assert (run.code, run.json()["error"]["id"]) == (8, "tds_in_use")
    assert state(sim, path) == "ready"


def test_a_module_that_cannot_be_disabled_is_not_taken_over(machine, configure):
    path = machine("--features0", hex(PREVIEW), boot="ready")
    run = configure(path, "--features", "connect", "--take-over")
    assert (run.code, run.json()["error"]["id"]) == (3, "module_cannot_disable")


def test_a_feature_that_is_missing_is_seen_once_the_module_tells(sim, machine, configure):
    path = machine(profile="granite-rapids")
    run = configure(path, "--features", "connect")
    document = run.json()
    assert (run.code, document["error"]["id"], document["changed"]) == (3, "feature_missing", True)
    assert document["data"]["bring_up"]["state_after"] == "initialising"
    assert steps_of(document) == ["init", "lp-init"]
    assert configure(path).code == 0


@pytest.mark.parametrize("boot", ["no-vmx", "no-seam", "no-seamldr", "no-module"])
def test_without_a_module_nothing_is_done(machine, configure, boot):
    run = configure(machine(boot=boot))
    assert run.code in (3, 8)
    assert run.json()["changed"] is False


# leaf, on which LP or nth call, the error, the state that is left
FAILURES = [
    ("seamcall=33", 1, "seamcall_failed", "not-initialised"),
    ("seamcall=35,lp=3", 9, "bring_up_failed", "initialising"),
    ("seamcall=45", 9, "bring_up_failed", "initialising"),
    ("seamcall=31,lp=8", 9, "bring_up_without_keys", "initialising"),
    ("seamcall=36,nth=1000", 9, "bring_up_failed", "not-initialised"),
    ("seamcall=61,nth=3", 9, "bring_up_failed", "not-initialised"),
    ("seamcall=60", 9, "bring_up_failed", "not-initialised"),
    ("seamcall=100", 9, "bring_up_failed", "not-initialised"),
]


@pytest.mark.parametrize("answer", [f"status={UNKNOWN_STATUS}", "outcome=ud"])
@pytest.mark.parametrize(("call", "code", "error", "left"), FAILURES, ids=lambda value: str(value))
def test_a_step_that_fails_says_what_is_left(sim, machine, configure, call, code, error, left, answer):
    path = machine(faults=f"{call},{answer}")
    run = configure(path, "--features", "connect,quote")
    document = run.json()
    if call == "seamcall=33" and answer == "outcome=ud":
        code, error = 3, "seamcall_ud"
    assert (run.code, document["error"]["id"]) == (code, error)
    assert document["data"]["bring_up"]["state_after"] == left
    assert (document["data"]["bring_up"]["pamt_bytes"], document["data"]["bring_up"]["pool_bytes"]) == (0, 0)
    assert document["changed"] is (call != "seamcall=33")
    assert state(sim, path) == left
    if code == 9:
        assert document["error"]["seamcall"] is not None
        assert document["error"]["hint"]
    if "31" not in call:
        again = configure(without_faults(path), "--features", "connect,quote").json()
        assert (again["ok"], again["changed"]) == (True, True), "all memory is there again"


def test_a_module_without_all_its_keys_takes_a_reboot(sim, machine, configure, tmp_path):
    path = machine(faults=f"seamcall=31,lp=8,status={UNKNOWN_STATUS}")
    assert "reboot" in configure(path).json()["error"]["hint"]
    path = without_faults(path)
    for look in (["connect", "plan"], ["connect", "configure", "--dry-run"]):
        run = sim("--json", "--root", str(tmp_path), *look, machine=path)
        document = run.json()
        assert (run.code, document["error"]["id"]) == (8, "module_not_pending"), "it may be configured already"
        plan = document["data"] if look[1] == "plan" else document["data"]["plan"]
        assert plan["verdict"] == "unknown"
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"]) == (8, "module_without_keys")
    assert (document["changed"], document["ok"]) == (False, False)


def test_a_module_that_is_being_disabled_has_to_be_disabled_first(sim, machine, configure, tmp_path, tdxctl):
    path = machine(boot="ready", faults=f"seamcall=69,nth=2,count=0,status={INTERRUPTED}")
    assert sim("disable", "--yes", "--timeout", "100ms", machine=path).code == 9
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"]) == (8, "module_not_pending")
    assert "finish with 'tdxctl disable'" in document["error"]["hint"]
    planned = sim("--json", "connect", "plan", machine=path).json()
    assert planned["data"]["machine"]["module_state"] == "disabling"
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps(planned["data"]["machine"]))
    again = tdxctl("--json", "connect", "plan", "--machine", str(copy))
    assert (again.code, again.json()["data"]) == (8, planned["data"])


def test_what_cannot_be_disabled_cannot_be_taken_back(sim, machine, configure):
    path = machine("--features0", hex(PREVIEW), faults=f"seamcall=36,status={UNKNOWN_STATUS};seamcall=69,count=0,status={UNKNOWN_STATUS}")
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"]) == (9, "bring_up_not_undone")
    assert re.search(r"on TDMR \d", document["error"]["message"])
    assert "reboot" in document["error"]["hint"]
    assert document["data"]["bring_up"]["pamt_bytes"] > 0, "the module may still use them"
    assert state(sim, path) == "ready"
    status = sim("--json", "status", machine=path).json()["data"]["tdx"]
    assert (status["presence"], "could not be taken back" in status["reason"]) == ("not-ready", True)
    planned = sim("--json", "connect", "plan", machine=path)
    assert (planned.code, planned.json()["error"]["id"]) == (8, "bring_up_not_taken_back")
    # It looks ready, and no later run takes it for a module that is up.
    for features in ((), ("--features", "connect")):
        again = configure(without_faults(path), *features)
        assert (again.code, again.json()["error"]["id"]) == (8, "bring_up_not_taken_back")
        assert again.json()["changed"] is False


def test_what_could_not_be_taken_back_can_be_once_it_is_disabled(sim, machine, configure):
    path = machine(faults=f"seamcall=36,status={UNKNOWN_STATUS};seamcall=69,status={UNKNOWN_STATUS}")
    assert configure(path).json()["error"]["id"] == "bring_up_not_undone"
    assert sim("disable", "--yes", machine=without_faults(path)).code == 0
    assert configure(path).json()["changed"] is True


def test_dynamic_pamt_is_known_to_be_up(sim, machine, configure):
    path = machine()
    run = configure(path, "--features", "dynamic-pamt,connect")
    assert run.code == 0, run.stdout
    assert state(sim, path) == "ready"
    assert configure(path, "--features", "dynamic-pamt,connect").json()["changed"] is False


def test_a_module_that_wants_the_time_is_recognised(machine, configure):
    path = machine(faults=f"seamcall=45,status={NO_TIME}")
    run = configure(path, "--features", "connect")
    assert (run.code, run.json()["error"]["id"]) == (9, "wall_clock_refused")
    assert "--wall-clock now" in run.json()["error"]["hint"]
    document = configure(without_faults(path), "--features", "connect", "--wall-clock", "now").json()
    assert document["changed"] is True
    assert document["data"]["plan"]["config"]["wall_clock"] == "now"


def test_a_second_failure_has_changed_nothing(machine, configure):
    path = machine(faults=f"seamcall=45,count=0,status={UNKNOWN_STATUS}")
    first, second = configure(path), configure(path)
    assert (first.code, first.json()["error"]["id"], first.json()["changed"]) == (9, "bring_up_failed", True)
    assert (second.code, second.json()["error"]["id"], second.json()["changed"]) == (1, "seamcall_failed", False)


def test_an_update_that_was_broken_off_is_not_thrown_away(sim, machine, configure, tmp_path):
    store = tmp_path / "var" / "lib" / "tdxctl"
    store.mkdir(parents=True)
    entry = {"time": "2026-11-21T13:34:20Z", "action": "apply", "result": "begun", "driver": "sim"}
    (store / "history.jsonl").write_text(json.dumps(entry) + "\n")
    # The module that is there now holds none of its data: it was loaded after a reboot.
    assert configure(machine()).json()["changed"] is True
    shut_down = machine(faults="seamcall=34,count=0,status=0xc000050600000000;seamcall=24,count=0,status=0xc000050600000000")
    run = configure(shut_down)
    assert (run.code, run.json()["error"]["id"]) == (8, "update_broken_off")
    assert "update recover" in run.json()["error"]["hint"]


def test_asks_before_it_acts(sim, machine, configure):
    path = machine()
    run = configure(path, yes=False)
    assert (run.code, run.json()["error"]["id"]) == (8, "confirmation_needed")
    assert state(sim, path) == "not-initialised"


@pytest.mark.parametrize(("answer", "code", "after"), [(b"n\n", 8, "not-initialised"), (b"y\n", 0, "ready")])
def test_heeds_the_answer(sim, machine, tmp_path, answer, code, after):
    path = machine()
    status, stderr = answer_on_terminal(
        answer, "--driver", f"sim={path}", "--root", tmp_path, "connect", "configure"
    )
    assert status == code
    assert "Bring the TDX module up now? [y/N]" in stderr
    assert "PAMTs" in stderr, "the plan is shown with the question"
    assert state(sim, path) == after


@pytest.mark.parametrize("arguments", [["--features", "nonsense"], ["--features", "ext"], ["--wall-clock", "noon"]], ids=" ".join)
def test_wrong_options_are_usage(machine, configure, arguments):
    run = configure(machine(), *arguments)
    assert run.code == 2
    assert run.json()["error"]["hint"]


def test_text_says_how_long_each_step_took(sim, machine, tmp_path):
    path = machine()
    run = sim("--root", str(tmp_path), "connect", "configure", "--yes", machine=path)
    assert run.code == 0
    assert re.search(r"^the TDX module is up and ready \(", run.stdout, re.MULTILINE)
    for step in BASE_STEPS:
        assert re.search(rf"^  {step} +\d+\.\d{{3}} ms$", run.stdout, re.MULTILINE), step
    assert re.search(r"^  PAMTs +513 MiB$", run.stdout, re.MULTILINE)
    again = sim("--root", str(tmp_path), "connect", "configure", machine=path)
    assert again.stdout.endswith("\nnothing to do: the TDX module is ready, brought up with no features\n")


def test_features_add_up(machine, configure):
    document = configure(machine(), "--features", "connect", "--features", "quote").json()
    assert document["data"]["plan"]["config"]["features"]["names"] == ["TDXCONNECT", "QUOTE"]


def test_a_feature_that_is_misspelt_is_guessed(machine, configure):
    run = configure(machine(), "--features", "conect")
    assert (run.code, run.json()["error"]["hint"]) == (2, "did you mean 'CONNECT'?")


def test_a_state_that_cannot_be_written_says_why(tmp_path, as_nobody):
    nobody, folder = as_nobody
    path = folder / "m.json"
    path.write_text('{"schema": "tdxctl.machine/1", "profile": "connect-preview"}')
    path.chmod(0o644)
    run = nobody("--json", "--driver", f"sim={path}", "--root", str(folder), "connect", "configure", "--yes")
    document = run.json()
    assert (run.code, document["error"]["id"], document["changed"]) == (4, "not_permitted", False)
    assert f"cannot write '{path}.state'" in document["error"]["message"]


def test_features_and_show_agree(sim, machine, configure):
    path = machine()
    assert configure(path).code == 0
    features = {each["name"]: each for each in sim("--json", "features", machine=path).json()["data"]["features"]}
    shown = {each["name"]: each for each in sim("--json", "connect", "show", machine=path).json()["data"]["features"]}
    for name in shown:
        assert features[name]["enabled"] is shown[name]["enabled"] is False, name


def test_a_call_that_fails_after_init_has_changed_the_machine(sim, machine, configure):
    path = machine(faults="seamcall=34,nth=2,count=0,status=0xc000010000000000")
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"], document["changed"]) == (9, "bring_up_failed", True)
    assert "TDH.SYS.INIT and TDH.SYS.LP.INIT were done" in document["error"]["message"]


@pytest.mark.parametrize(("leaf", "initialised"), [(33, False), (45, True)])
def test_a_module_that_stays_busy_can_be_asked_again(machine, configure, leaf, initialised):
    path = machine(profile="granite-rapids")
    if initialised:
        assert configure(path, "--features", "connect").code == 3
    path.write_text(path.read_text().replace("{", '{"faults": "seamcall=%d,count=0,status=0x8000020200000000",' % leaf, 1))
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"], document["changed"]) == (5, "busy", False)


def test_a_name_stands_beside_its_number(sim, machine, tmp_path):
    path = machine(faults="seamcall=36,nth=1000,status=0xc000010000000000")
    run = sim("--root", str(tmp_path), "connect", "configure", "--yes", machine=path)
    assert "0xc000010000000000 (TDX_OPERAND_INVALID) on TDMR" in run.stderr


def test_a_module_that_never_comes_further_is_given_up(machine, configure):
    path = machine(faults="seamcall=36,count=0,status=0x0")
    run = configure(path)
    document = run.json()
    assert (run.code, document["error"]["id"]) == (9, "bring_up_failed")
    assert "contradicts itself" in document["error"]["message"]
    assert document["data"]["bring_up"]["state_after"] == "not-initialised"


def test_the_time_limit_takes_it_back(sim, machine, configure):
    path = machine(faults=f"seamcall=60,count=0,status={INTERRUPTED}")
    run = configure(path, "--features", "connect", "--timeout", "300ms")
    document = run.json()
    assert (run.code, document["error"]["id"]) == (9, "bring_up_interrupted")
    assert "the time limit was reached during ext-init" in document["error"]["message"]
    assert state(sim, path) == "not-initialised"
    assert configure(path, "--timeout", "soon").code == 2


def test_without_a_terminal_the_plan_is_there(machine, configure):
    document = configure(machine(), yes=False).json()
    assert (document["driver"], document["error"]["id"]) == ("sim", "confirmation_needed")
    assert document["data"]["plan"]["tdmrs"]


def test_time_on_a_simulated_machine_is_its_own(machine, configure):
    bring_up = configure(machine()).json()["data"]["bring_up"]
    assert bring_up["duration_ms"] == sum(step["duration_ns"] for step in bring_up["steps"]) // 1_000_000


def interrupt_the_question(*arguments):
    """A run that is asked on a terminal, and gets Ctrl-C."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [binary(), *map(str, arguments)], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    os.close(theirs)
    asked = b""
    while b"[y/N]" not in asked:
        asked += os.read(process.stderr.fileno(), 4096)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, stdout.decode(), (asked + stderr).decode()


@pytest.mark.parametrize("verb", [["connect", "configure"], ["disable"]], ids=" ".join)
def test_a_signal_answers_the_question(machine, sim, tmp_path, verb):
    path = machine(boot="ready" if verb == ["disable"] else "loaded")
    before = state(sim, path)
    arguments = ["--driver", f"sim={path}", "--root", tmp_path, *verb]
    code, _, stderr = interrupt_the_question(*arguments)
    assert code == 5
    assert "\ntdxctl: interrupted before anything was done\n" in stderr
    code, stdout, _ = interrupt_the_question("--json", *arguments)
    assert (code, json.loads(stdout)["error"]["id"]) == (5, "interrupted")
    assert state(sim, path) == before


def test_progress_is_gone_before_the_result(machine, tmp_path):
    path = machine(faults=f"seamcall=60,count=0,status={INTERRUPTED}")
    arguments = ["--features", "connect", "--timeout", "700ms"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [binary(), "--driver", f"sim={path}", "--root", str(tmp_path), "connect", "configure", "--yes", *arguments],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment(),
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    process.wait(timeout=60)
    os.close(ours)
    before = shown[: shown.index(b"simulated machine")]
    assert b"bringing the TDX module up" in before
    assert before.endswith(b"\r\x1b[K"), before[-80:]


def begin_that_never_ends(machine, sim, tmp_path):
    """A run whose TDH.EXT.INIT is interrupted for ever, and that has come so far."""
    path = machine(faults=f"seamcall=60,count=0,status={INTERRUPTED}")
    process = subprocess.Popen(
        [binary(), "--json", "--driver", f"sim={path}", "--root", str(tmp_path), "connect", "configure", "--yes", "--features", "connect"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while state(sim, path) != "ready":
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return path, process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_it_back(sim, machine, configure, tmp_path, number):
    path, process = begin_that_never_ends(machine, sim, tmp_path)
    process.send_signal(number)
    stdout, _ = process.communicate(timeout=60)
    document = json.loads(stdout)
    assert (process.returncode, document["error"]["id"]) == (9, "bring_up_interrupted")
    assert document["data"]["bring_up"]["state_after"] == "not-initialised"
    assert state(sim, path) == "not-initialised"
    assert configure(without_faults(path), "--features", "connect").json()["changed"] is True


def test_a_second_caller_is_told_and_a_killed_run_leaves_nothing(sim, machine, configure, tmp_path):
    path, process = begin_that_never_ends(machine, sim, tmp_path)
    second = configure(path, "--features", "connect", "--take-over")
    assert (second.code, second.json()["error"]["id"]) == (5, "busy")
    planned = sim("--json", "connect", "plan", machine=path)
    assert (planned.code, planned.json()["error"]["id"]) == (5, "busy")
    shown = sim("--json", "connect", "show", machine=path).json()["data"]["checks"]
    assert [(check["verdict"], check["evidence"]) for check in shown if check["id"] == "module_state"] == [
        ("bad", "another program is bringing the TDX module up")
    ]
    status = sim("--json", "status", machine=path).json()["data"]["tdx"]
    assert status == {"presence": "not-ready", "reason": "another program is bringing the TDX module up"}
    reset = sim("--json", "sim", "reset", str(path), machine=path)
    assert (reset.code, reset.json()["error"]["id"]) == (5, "busy")
    process.kill()
    process.communicate(timeout=60)
    assert state(sim, path) == "not-initialised"
    assert configure(without_faults(path), "--features", "connect").json()["changed"] is True
