# SPDX-License-Identifier: MIT
"""Updates of a simulated machine, from the verb down to the SEAMCALLs, and what leads on from every failure."""

import json
import re

import pytest
from conftest import binary
from lab import LPS, NEW, OLD, OTHER, make_lab

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


# Each failure: the fault, what apply says, the case that recover finds, and whether it takes an image.
FAILURES = {
    "shutdown is refused": (f"{SHUTDOWN},status=0x8000020000000000", (1, "update_had_no_effect", "old-module"), "ready", False),
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

    dry = lab.run("recover", "--dry-run").json() if not needs_image else lab.run("recover", "--dry-run", lab.images[NEW]).json()
    assert (dry["data"]["case"], dry["changed"]) == (case, False)
    if case == "ready":
        assert lab.running() == ("ready", OLD)
        assert lab.recover().json()["changed"] is False
        return
    assert document["error"]["hint"].startswith("'tdxctl update recover'")
    if needs_image:
        without = lab.recover()
        assert without.json()["error"]["id"] == "nothing_staged"
        assert lab.run("stage", lab.images[NEW]).code == 0
    recovered = lab.recover()
    assert recovered.code == 0, recovered.stdout
    assert recovered.json()["data"]["update"]["outcome"] == "new-module"
    assert lab.running() == ("ready", NEW)
    assert lab.tds() == 2
    assert [entry["result"] for entry in lab.run("history").json()["data"]["entries"] if entry["action"] == "recover"] == ["begun", "done"]


def test_a_new_module_that_does_not_start_can_be_replaced(lab):
    lab.faults(f"{UPDATE},status=0xc000052000000000,count=0")
    assert lab.apply().code == 9
    lab.faults("")
    run = lab.recover(lab.images[OTHER])
    assert run.code == 0, run.stdout
    assert lab.running() == ("ready", OTHER)
    assert lab.tds() == 2


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
    assert "hint: 'tdxctl update recover'" in run.stderr
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
    "the first LP": (f"{INSTALL},nth=1,status=0x8000000000010003", (9, "update_failed", False), "lost"),
    "the last LP": (f"{INSTALL},nth={LPS},outcome=vmfailinvalid", (9, "update_failed", False), "lost"),
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
        assert document["error"]["hint"].startswith("'tdxctl update recover'")
        assert lost.run("recover", "--dry-run", lost.images[NEW]).json()["data"]["case"] == case
        assert lost.recover(lost.images[OTHER]).code == 0
        assert lost.running() == ("ready", OTHER)
    elif document["error"]["id"] == "bring_up_failed":
        # The module is there: it is no update that would have to be taken up, and it can be brought up.
        assert lost.recover().json()["error"]["id"] == "nothing_to_recover"
        assert lost.tdxctl("--driver", f"sim={lost.machine}", "--root", str(lost.root), "--json", "connect", "configure", "--yes").code == 0
        assert lost.running() == ("ready", NEW)


def test_what_was_lost_is_said_to_people(lost):
    run = lost.tdxctl("--driver", f"sim={lost.machine}", "--root", str(lost.root), "update", "recover", "--dry-run", "--key", str(lost.key), str(lost.images[NEW]))
    assert run.code == 0
    assert "there is no module, and the TDs are lost" in run.stdout
    assert "to be brought up with no features" in run.stdout
