# SPDX-License-Identifier: MIT
"""Updates of a simulated machine, from the verb down to the SEAMCALLs, and what leads on from every failure."""

import json
import re
import shlex
import subprocess

import pytest
from conftest import binary, environment
from images import image_0x200, make_module, make_sigstruct
from lab import FEATURES, LPS, NEW, OLD, OTHER, image, make_lab

INSTALL, SHUTDOWN, INIT, LP_INIT, UPDATE = "seamldr=1", "seamcall=52", "seamcall=33", "seamcall=35", "seamcall=53"


class Lab:
    """A simulated machine with two TDs, and a folder of images."""

    def __init__(self, tdxctl, folder):
        self.tdxctl = tdxctl
        self.machine, self.key, self.root, self.images = make_lab(binary(), folder)

    def faults(self, text):
        """Arms them for the runs that follow; empty for none."""
        machine = json.loads(self.machine.read_text())
        machine.pop("faults", None)
        self.machine.write_text(json.dumps(machine | ({"faults": text} if text else {})))

    def run(self, verb, *arguments):
        key = ("--key", str(self.key)) if verb in ("apply", "recover", "list", "plan", "stage") else ()
        return self.tdxctl("--driver", f"sim={self.machine}", "--root", str(self.root), "--json", "update", verb, *key, *map(str, arguments))

    def apply(self, version=NEW):
        return self.run("apply", "--yes", self.images[version])

    def recover(self, *arguments):
        return self.run("recover", "--yes", *arguments)

    def follow(self, hint):
        """Runs the command of a hint as it stands."""
        command = re.match("'tdxctl (update recover[^']*)'", hint)
        assert command, hint
        return self.tdxctl("--driver", f"sim={self.machine}", "--root", str(self.root), "--json", *command[1].split(), "--yes")

    def status(self):
        return self.tdxctl("--driver", f"sim={self.machine}", "--json", "status").json()["data"]

    def tds(self):
        return self.status()["platform"]["hkids"]["in_use"]

    def running(self):
        module = self.status()["module"]
        return (module["state"], module["version"])


@pytest.fixture
def lab(tdxctl, tmp_path):
    return Lab(tdxctl, tmp_path)


def test_an_update_keeps_the_tds(lab):
    document = lab.apply().json()
    assert document["ok"] and document["changed"] and document["driver"] == "sim"
    update = document["data"]["update"]
    assert update["outcome"] == "new-module"
    assert [step["name"] for step in update["steps"]] == ["shutdown", "install", "init", "lp-init", "update"]
    assert {check["verdict"] for check in update["checks"]} == {"ok"}
    assert lab.running() == ("ready", NEW)
    assert lab.tds() == 2
    again = lab.apply().json()
    assert again["ok"] and again["changed"] is False


@pytest.mark.parametrize("option", ["--dry-run"])
def test_a_dry_run_touches_nothing(lab, option):
    assert lab.run("apply", option, lab.images[NEW]).json()["changed"] is False
    assert lab.running() == ("ready", OLD)
    assert lab.run("history").json()["data"]["entries"] == []


def test_the_running_module_is_known_by_its_hash(lab):
    assert lab.apply().code == 0
    # Another module under the name of the one that runs.
    lab.images[NEW].write_bytes(image(OTHER))
    refused = lab.run("plan", lab.images[NEW])
    assert (refused.code, refused.json()["error"]["id"]) == (7, "image_other_module")
    assert refused.json()["data"]["up_to_date"] is False
    (listed,) = [each for each in lab.run("list").json()["data"]["images"] if each["path"] == str(lab.images[NEW])]
    assert (listed["running"], listed["fit"]) == (False, "unfit")
    # And the running one under the name of another.
    lab.images[OTHER].write_bytes(image(NEW))
    refused = lab.run("plan", lab.images[OTHER])
    assert (refused.code, refused.json()["error"]["id"]) == (7, "image_other_module")
    # Where the name tells nothing the hash does.
    nameless = lab.root / "x.blob"
    nameless.write_bytes(image(NEW))
    assert lab.run("plan", nameless).json()["data"]["up_to_date"] is True


# Each failure: the fault, what apply says, the case that recover finds, and whether it takes an image.
FAILURES = {
    "shutdown is refused": (f"{SHUTDOWN},status=0xc000010000000001", (1, "update_had_no_effect", "old-module"), "ready", False),
    "the first LP": (f"{INSTALL},nth=1,status=0x8000000000010003", (9, "update_failed", "no-module"), "shut-down", True),
    "a middle LP": (f"{INSTALL},nth=4,outcome=vmfailinvalid", (9, "update_failed", "no-module"), "session-open", True),
    "the last LP": (f"{INSTALL},nth={LPS},outcome=vmfailinvalid", (9, "update_failed", "no-module"), "session-open", True),
    "init": (f"{INIT},status=0x8000020300000000,count=0", (9, "update_failed", "no-module"), "not-ready", False),
    "LP.INIT of one LP": (f"{LP_INIT},lp=5,status=0x8000020200000000", (9, "update_failed", "no-module"), "not-ready", False),
    "update": (f"{UPDATE},status=0x8000020200000000", (9, "update_failed", "no-module"), "not-ready", False),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_says_what_there_is_and_is_recovered_from(lab, failure):
    fault, (code, error, outcome), case, needs_image = FAILURES[failure]
    lab.faults(fault)
    run = lab.apply()
    document = run.json()
    assert (run.code, document["error"]["id"], document["data"]["update"]["outcome"]) == (code, error, outcome)
    assert document["error"]["seamcall"]["name"] or "vmfailinvalid" in fault
    assert document["changed"] == (outcome != "old-module")
    lab.faults("")
    assert lab.tds() == 2

    # It says the case with an image and without one.
    for image in ((), (lab.images[NEW],)):
        dry = lab.run("recover", "--dry-run", *image)
        assert (dry.code, dry.json()["data"]["case"], dry.json()["changed"]) == (0, case, False)
        assert dry.json()["data"]["can_recover"] is True
    if case == "ready":
        assert lab.running() == ("ready", OLD)
        assert lab.recover().json()["changed"] is False
        return
    if needs_image:
        assert lab.recover().json()["error"]["id"] == "nothing_staged"
    recovered = lab.follow(document["error"]["hint"])
    assert recovered.code == 0, recovered.stdout
    update = recovered.json()["data"]["update"]
    assert update["outcome"] == "new-module"
    # The old module is gone, and the history knows what it was.
    features = {check["id"]: check for check in update["checks"]}["update_lost_features"]
    assert (features["verdict"], features["evidence"]) == ("ok", f"{FEATURES[OLD]:#018x}, now {FEATURES[NEW]:#018x}")
    assert lab.running() == ("ready", NEW)
    assert lab.tds() == 2
    ends = [entry for entry in lab.run("history").json()["data"]["entries"] if entry["action"] == "recover"]
    assert [(entry["result"], entry["from"], entry["to"]) for entry in ends] == [("begun", OLD, NEW), ("done", OLD, NEW)]


def test_a_new_module_that_does_not_start_can_be_replaced(lab):
    lab.faults(f"{UPDATE},status=0xc000052000000000,count=0")
    assert lab.apply().code == 9
    lab.faults("")
    run = lab.recover(lab.images[OTHER])
    assert run.code == 0, run.stdout
    assert lab.running() == ("ready", OTHER)
    assert lab.tds() == 2


def test_a_feature_that_was_lost_shows_after_a_recovery_too(lab):
    lab.faults(f"{UPDATE},status=0x8000020200000000")
    assert lab.apply().code == 9
    lab.faults("")
    # As if the old module had had one feature more.
    history = lab.root / "var/lib/tdxctl/history.jsonl"
    history.write_text(history.read_text().replace(f"{FEATURES[OLD]:#018x}", f"{FEATURES[OLD] | 1 << 62:#018x}"))
    run = lab.recover()
    assert (run.code, run.json()["error"]["id"]) == (9, "update_lost_features")


def test_nothing_is_compared_with_itself(lab):
    lab.faults(f"{UPDATE},status=0x8000020200000000")
    assert lab.apply().code == 9
    lab.faults("")
    (lab.root / "var/lib/tdxctl/history.jsonl").unlink()
    # The module itself holds the data of the update.
    run = lab.recover()
    assert run.code == 0, run.stdout
    checks = {check["id"]: check for check in run.json()["data"]["update"]["checks"]}
    assert checks["update_lost_features"]["verdict"] == "skipped"
    assert checks["update_wrong_mrseam"]["verdict"] == "skipped"


def test_a_failure_that_lost_nothing_is_not_broken_off(tdxctl, lab, tmp_path):
    lab.faults(f"{SHUTDOWN},status=0xc000010000000001")
    assert lab.apply().json()["error"]["id"] == "update_had_no_effect"
    fresh = tmp_path / "fresh.json"
    assert tdxctl("sim", "create", str(fresh), "--boot", "loaded").code == 0
    run = tdxctl("--driver", f"sim={fresh}", "--root", str(lab.root), "--json", "update", "recover", "--yes")
    assert (run.code, run.json()["error"]["id"]) == (8, "nothing_to_recover")
    assert "kept" not in run.json()["data"]["words"] and run.json()["data"]["can_recover"] is False


@pytest.mark.parametrize(("status", "error"), [
    ("0x8000051200000000", "td_being_built"), ("0x8000020000000080", "module_busy"), ("0x8000020200000000", "module_busy")])  # fmt: skip
def test_what_has_only_to_be_tried_again_is_busy(lab, status, error):
    lab.faults(f"{SHUTDOWN},status={status}")
    run = lab.apply()
    assert (run.code, run.json()["error"]["id"]) == (5, error)
    assert "try again" in run.json()["error"]["hint"]
    lab.faults("")
    assert lab.running() == ("ready", OLD)
    assert lab.apply().code == 0


@pytest.mark.parametrize("status", ["0x8000000000020000", "0x8000000000010004", "0x8000000000000004", "0x8000000000000006"])
def test_where_the_image_is_refused_another_one_is_asked_for(lab, status):
    lab.faults(f"{INSTALL},nth={LPS},status={status}")
    run = lab.apply()
    assert run.code == 9
    assert run.json()["error"]["hint"].startswith("'tdxctl update recover IMAGE' with another image")


def test_a_dry_run_of_recover_checks_the_image(lab, tmp_path):
    lab.faults(f"{INSTALL},nth=2,outcome=vmfailinvalid")
    assert lab.apply().code == 9
    lab.faults("")
    other = tmp_path / "other_cpu.blob"
    module = make_module(filling=7)
    other.write_bytes(image_0x200(make_sigstruct(module, svn=(1, 1), cpu=0xA06D1, module_hv=1), module))
    run = lab.run("recover", "--dry-run", other)
    verdicts = {check["id"]: check["verdict"] for check in run.json()["data"]["checks"]}
    assert (run.code, run.json()["error"]["id"]) == (7, "image_cpu_not_listed")
    assert verdicts["image_svn_lower"] == "bad" and verdicts["image_handoff_version"] == "unknown"
    assert lab.recover(other).json()["error"]["id"] == "image_cpu_not_listed"
    good = lab.run("recover", "--dry-run", lab.images[NEW]).json()
    assert {check["verdict"] for check in good["data"]["checks"]} == {"ok", "unknown"}


# Where the signal comes: with the lock, or while the beginning is put into the history.
@pytest.mark.parametrize(("call", "code", "changed"), [("flock", 5, None), ("fsync", 0, True)])
def test_a_signal_does_not_hide_what_came_of_an_update(lab, call, code, changed):
    strace = ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGTERM:when=1"]
    command = [binary(), "--driver", f"sim={lab.machine}", "--root", str(lab.root), "--json", "update", "apply", "--yes", "--key", str(lab.key)]
    env = environment(ASAN_OPTIONS="detect_leaks=0")
    run = subprocess.run([*strace, *command, str(lab.images[NEW])], capture_output=True, env=env, timeout=120, check=False)
    document = json.loads(run.stdout)
    assert (run.returncode, document.get("changed")) == (code, changed)
    assert document["ok"] or document["error"]["id"] == "interrupted"
    assert lab.running() == ("ready", NEW if changed else OLD)


def test_a_module_that_nobody_initialised_is_not_recovered(tdxctl, lab, tmp_path):
    fresh = tmp_path / "fresh.json"
    assert tdxctl("sim", "create", str(fresh), "--boot", "loaded").code == 0
    run = tdxctl("--driver", f"sim={fresh}", "--root", str(lab.root), "--json", "update", "recover", "--yes")
    assert (run.code, run.json()["error"]["id"]) == (8, "nothing_to_recover")


def test_recover_asks(lab):
    lab.faults(f"{UPDATE},status=0x8000020200000000")
    assert lab.apply().code == 9
    lab.faults("")
    run = lab.run("recover")
    assert (run.code, run.json()["error"]["id"]) == (8, "confirmation_needed")
    assert lab.running()[0] == "initialising"


def test_what_is_said_to_people(lab):
    lab.faults(f"{INSTALL},nth=3,outcome=vmfailinvalid")
    run = lab.tdxctl("--driver", f"sim={lab.machine}", "--root", str(lab.root), "update", "apply", "--yes", "--key", str(lab.key), str(lab.images[NEW]))
    assert run.code == 9
    assert re.search(r"on LP 2: the P-SEAMLDR waits for more LPs, and the TDs are kept", run.stderr)
    assert f"hint: 'tdxctl update recover --key {lab.key} {lab.images[NEW]}' goes on from here" in run.stderr
    assert "there is no module that can be used" in run.stdout


# A host that has lost its module, and what loads one again.
@pytest.fixture
def lost(lab):
    lab.machine.unlink()
    options = ("--profile", "emerald-rapids", "--lps", str(LPS), "--boot", "no-module", "--trusted-key", str(lab.key))
    assert lab.tdxctl("sim", "create", str(lab.machine), *options).code == 0
    return lab


def test_where_the_module_is_lost_one_is_loaded_and_brought_up(lost):
    dry = lost.run("recover", "--dry-run", lost.images[NEW]).json()
    assert (dry["data"]["case"], dry["data"]["can_recover"], dry["changed"]) == ("lost", False, False)
    assert lost.recover().json()["error"]["id"] == "nothing_staged"
    document = lost.recover(lost.images[NEW]).json()
    assert document["ok"] and document["changed"]
    update = document["data"]["update"]
    assert update["outcome"] == "new-module"
    assert [step["name"] for step in update["steps"]] == ["install", "init", "lp-init", "config", "key-config", "tdmr-init"]
    assert not {check["verdict"] for check in update["checks"]} - {"ok", "skipped"}
    assert lost.running() == ("ready", NEW)
    assert [(entry["action"], entry["result"]) for entry in lost.run("history").json()["data"]["entries"]] == [("load", "begun"), ("load", "done")]
    assert lost.recover().json()["changed"] is False


LOAD_FAILURES = {
    "the first LP": (f"{INSTALL},nth=1,status=0x8000000000010003", (1, "seamldr_failed", False), "lost"),
    "the last LP": (f"{INSTALL},nth={LPS},outcome=vmfailinvalid", (1, "seamldr_failed", False), "lost"),
    "LP.INIT": (f"{LP_INIT},lp=5,status=0xc000090200000000", (9, "bring_up_failed", True), None),
    "CONFIG": ("seamcall=45,status=0xc0000a0000000000", (9, "bring_up_failed", True), None),
    "TDMR.INIT": ("seamcall=36,status=0xc000010000000001", (9, "bring_up_not_undone", True), None),
}


@pytest.mark.parametrize("failure", LOAD_FAILURES)
def test_a_load_that_fails_says_what_leads_on(lost, failure):
    fault, expected, case = LOAD_FAILURES[failure]
    lost.faults(fault)
    run = lost.recover(lost.images[NEW])
    document = run.json()
    assert (run.code, document["error"]["id"], document["changed"]) == expected
    assert document["data"]["update"]["outcome"] == "no-module"
    assert lost.running()[0] != "ready" or document["error"]["id"] == "bring_up_not_undone"
    lost.faults("")
    if case:
        assert document["error"]["hint"].startswith("'tdxctl update recover --key ")
        assert lost.run("recover", "--dry-run", lost.images[NEW]).json()["data"]["case"] == case
        assert lost.recover(lost.images[OTHER]).code == 0
        assert lost.running() == ("ready", OTHER)
    elif document["error"]["id"] == "bring_up_failed":
        # The module is there: it is no update that would have to be taken up, and it can be brought up.
        assert lost.recover().json()["error"]["id"] == "nothing_to_recover"
        assert lost.tdxctl("--driver", f"sim={lost.machine}", "--root", str(lost.root), "--json", "connect", "configure", "--yes").code == 0
        assert lost.running() == ("ready", NEW)


def test_a_signal_between_load_and_bring_up_is_not_nothing_done(lost):
    strace = ["strace", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=SIGTERM:when=1"]
    command = [binary(), "--driver", f"sim={lost.machine}", "--root", str(lost.root), "--json", "update", "recover", "--yes", "--key", str(lost.key)]
    env = environment(ASAN_OPTIONS="detect_leaks=0")
    run = subprocess.run([*strace, *command, str(lost.images[NEW])], capture_output=True, env=env, timeout=120, check=False)
    document = json.loads(run.stdout)
    assert (run.returncode, document["error"]["id"], document["changed"]) == (9, "bring_up_interrupted", True)
    assert lost.running()[0] == "not-initialised"


def test_what_was_lost_is_said_to_people(lost):
    run = lost.tdxctl("--driver", f"sim={lost.machine}", "--root", str(lost.root), "update", "recover", "--dry-run", "--key", str(lost.key), str(lost.images[NEW]))
    assert run.code == 0
    assert "there is no module, and the TDs are lost" in run.stdout
    assert "to be brought up with no features" in run.stdout


# A recoverable session must never be taken for a loss, whatever image is installed over which.
@pytest.mark.parametrize("first", [UPDATE, INIT])
@pytest.mark.parametrize("missed", [2, 5, LPS])
def test_the_same_image_can_be_installed_again_and_again(lab, first, missed):
    lab.faults(f"{first},status=0xc000010000000001")
    assert lab.apply().code == 9
    lab.faults(f"{INSTALL},nth={missed},status=0xc000010000000001")
    assert lab.recover(lab.images[NEW]).code == 9
    lab.faults("")
    assert lab.run("recover", "--dry-run", lab.images[NEW]).json()["data"]["case"] == "session-open"
    assert lab.recover(lab.images[NEW]).code == 0
    assert (lab.running(), lab.tds()) == (("ready", NEW), 2)


def test_a_module_that_is_not_ready_does_not_count_as_running(lab):
    lab.faults(f"{UPDATE},status=0xc000010000000001")
    assert lab.apply().code == 9
    lab.faults("")
    again = lab.apply()
    assert (again.code, again.json()["error"]["id"]) == (8, "module_not_ready")
    assert "update recover" in again.json()["error"]["hint"]
    assert lab.run("plan", lab.images[NEW]).code == 8


@pytest.mark.parametrize("fault", [f"{INSTALL},nth=4,outcome=vmfailinvalid", f"{UPDATE},status=0xc000010000000001"])
def test_tds_that_wait_are_not_disabled(lab, fault):
    lab.faults(fault)
    assert lab.apply().code == 9
    lab.faults("")
    run = lab.tdxctl("--driver", f"sim={lab.machine}", "--root", str(lab.root), "--json", "disable", "--if-needed", "--yes")
    assert (run.code, run.json()["error"]["id"]) == (8, "tds_in_use")
    assert lab.recover(lab.images[OTHER]).code == 0
    assert lab.tds() == 2


def test_a_history_that_cannot_be_read_does_not_cost_tds(lab):
    lab.faults(f"{INIT},status=0xc000010000000001")
    assert lab.apply().code == 9
    lab.faults("")
    history = lab.root / "var/lib/tdxctl/history.jsonl"
    history.unlink()
    history.mkdir()
    document = lab.recover().json()
    assert document["ok"], document
    assert "history" in {warning["id"] for warning in document["warnings"]}
    assert (lab.running(), lab.tds()) == (("ready", NEW), 2)


def test_the_way_on_can_be_typed_as_it_stands(lab, tmp_path):
    image = tmp_path / "my images" / "it's" / "tdx_module_1.5.28.blob"
    image.parent.mkdir(parents=True)
    image.write_bytes(lab.images[NEW].read_bytes())
    lab.faults(f"{INSTALL},nth=3,outcome=vmfailinvalid")
    hint = lab.run("apply", "--yes", "--catalog", lab.images[NEW].parent.parent, image).json()["error"]["hint"]
    command = hint[1 : hint.index("' goes on")]
    assert shlex.split(command)[-1] == str(image)


def test_what_could_not_be_taken_back_is_not_updated(lost):
    lost.faults("seamcall=36,nth=5,status=0xc000010000000001")
    assert lost.recover(lost.images[NEW]).json()["error"]["id"] == "bring_up_not_undone"
    lost.faults("")
    assert lost.recover().json()["error"]["id"] == "bring_up_not_taken_back"
    for version in (NEW, OTHER):
        assert lost.run("plan", lost.images[version]).json()["error"]["id"] == "module_not_ready"
    assert lost.apply(OTHER).code == 8
