# SPDX-License-Identifier: MIT
"""tdxctl connect show and plan, on simulated machines, recorded hosts and machines from files."""

import json
import re
import shutil
import subprocess

import jsonschema
import pytest
from conftest import HOSTS, SCHEMAS, binary, environment

GIB = 1 << 30
MIB = 1 << 20


def good_machine(**changes):
    """A machine on which nothing is in the way."""
    return {
        "memory": [
            {"base": "0x100000", "bytes": 2 * GIB - MIB, "node": 0},
            {"base": hex(4 * GIB), "bytes": 62 * GIB, "node": 0},
            {"base": hex(66 * GIB), "bytes": 64 * GIB, "node": 1},
        ],
        "cmrs": [{"base": "0x100000", "bytes": 2 * GIB - MIB}, {"base": hex(4 * GIB), "bytes": 126 * GIB}],
        "limits": {},
        "features0": "0x20000000000040",
        "module_version": "2.1.00",
        "module_state": "not-initialised",
        "packages": [{"id": 0, "fms": "0xa06d1", "lps_online": 8}, {"id": 1, "fms": "0xa06d1", "lps_online": 8}],
        "lps_online": 16,
        "lps_present": 16,
        "keyids": {"mktme": 127, "tdx": 128},
        "kernel_owns_module": False,
        "hibernation_possible": False,
        "partial_write_erratum": False,
        **changes,
    }


@pytest.fixture
def plan_of(tdxctl, tmp_path):
    """Plans for a machine in a file, and checks its JSON."""

    def plan(machine, *arguments):
        path = tmp_path / "machine.json"
        path.write_text(json.dumps(machine))
        return tdxctl("--json", "connect", "plan", "--machine", str(path), *arguments)

    return plan


def test_a_good_machine_has_a_good_plan(plan_of):
    run = plan_of(good_machine())
    assert (run.code, run.stderr) == (0, "")
    document = run.json()
    data = document["data"]
    assert (document["schema"], document["driver"]) == ("tdxctl.connect-plan/1", None)
    assert data["verdict"] == "ok"
    assert [(tdmr["base"], tdmr["bytes"] // GIB, tdmr["node"]) for tdmr in data["tdmrs"]] == [
        ("0x0", 2, 0), ("0x100000000", 62, 0), ("0x1080000000", 64, 1),
    ]  # fmt: skip
    assert data["tdmrs"][0]["holes"] == [{"offset": 0, "bytes": MIB}]
    assert data["pamt_bytes"] == sum(
        tdmr["pamt"][level] for tdmr in data["tdmrs"] for level in ("bytes_4k", "bytes_2m", "bytes_1g")
    )
    assert sum(node["bytes_4k"] for node in data["pamts_by_node"]) == 128 * 4 * MIB
    assert data["config"]["version"] == 0
    assert data["calls"]["tdmr_init_in_a_row"] == 64 * 256


def test_features_choose_the_version_of_the_call(plan_of):
    data = plan_of(good_machine(), "--features", "connect", "--wall-clock", "now").json()["data"]
    assert data["config"]["version"] == 1
    assert data["config"]["features"] == {"mask": "0x0000000000000040", "names": ["TDXCONNECT"]}
    assert data["config"]["wall_clock"] == "now"
    assert data["extensions"] == {"bytes": 35 * MIB, "read": False}
    assert data["spent_bytes"] == data["pamt_bytes"] + 35 * MIB


@pytest.mark.parametrize(
    ("changes", "arguments", "code", "error"),
    [({"module_state": "ready"}, [], 8, "module_not_pending"), ({"kernel_owns_module": True}, [], 8, "kernel_owns_module"),
     ({"hibernation_possible": True}, [], 8, "hibernation_possible"), ({"lps_online": 15}, [], 8, "lp_offline"),
     ({"keyids": {"mktme": 127, "tdx": 1}}, [], 3, "too_few_keyids"), ({"cmrs": []}, [], 8, "ram_outside_cmrs"),
     ({"features0": "0x0"}, ["--features", "connect"], 3, "feature_missing"),
     ({"partial_write_erratum": True}, ["--features", "connect"], 3, "extensions_erratum"),
     ({"limits": {"max_tdmrs": 0}}, [], 8, "tdmr_limit"),
     ({"limits": {"max_reserved_per_tdmr": 0}}, [], 8, "reserved_area_limit"),
     ({"memory": [{"base": hex(4 * GIB), "bytes": MIB}]}, [], 8, "pamt_room")],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_a_broken_rule_is_the_error(plan_of, changes, arguments, code, error):
    run = plan_of(good_machine(**changes), *arguments)
    document = run.json()
    assert run.code == code
    assert document["error"]["id"] == error
    assert document["data"]["verdict"] == "bad"
    assert [check["id"] for check in document["data"]["checks"] if check["verdict"] == "bad"] == [error]


@pytest.mark.parametrize(
    ("machine", "error"),
    [({}, "machine_invalid"), ({"memory": []}, "memory_map_invalid"), ({"memory": [{"base": 1, "bytes": 1}]}, "machine_invalid"),
     (good_machine(extra=1), "machine_invalid")],
    ids=["empty", "no-memory", "base-no-string", "extra"],
)  # fmt: skip
def test_a_wrong_machine_is_refused(plan_of, machine, error):
    run = plan_of(machine)
    assert run.code == 2
    assert run.json()["error"]["id"] == error


@pytest.mark.parametrize("arguments", [["--features", "nonsense"], ["--features", "ext"], ["--wall-clock", "noon"]], ids=" ".join)
def test_wrong_options_are_usage(plan_of, arguments):
    run = plan_of(good_machine(), *arguments)
    assert run.code == 2
    assert run.json()["error"]["hint"]


def test_a_machine_may_not_be_there(tdxctl, tmp_path):
    assert tdxctl("connect", "plan", "--machine", str(tmp_path / "none.json")).code != 0


def test_a_plan_can_be_made_again_from_its_own_machine(sim, plan_of):
    first = sim("--json", "connect", "plan", "--features", "connect", machine="connect-preview").json()["data"]
    schema = json.loads((SCHEMAS / "connect-machine.json").read_text())
    resolver = jsonschema.RefResolver((SCHEMAS / "connect-machine.json").as_uri(), schema)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(first["machine"])
    assert plan_of(first["machine"], "--features", "connect").json()["data"] == first


def test_a_module_that_is_not_initialised_leaves_facts_unknown(sim):
    document = sim("--json", "connect", "plan", machine="connect-preview").json()
    assert document["ok"]
    assert document["data"]["verdict"] == "ok"  # no feature is asked for
    assert document["data"]["limits_read"] is False
    assert {warning["id"] for warning in document["warnings"]} == {"not_seen"}
    document = sim("--json", "connect", "plan", "--features", "connect", machine="connect-preview").json()
    assert document["data"]["verdict"] == "unknown"


def test_a_module_that_is_up_is_refused(sim):
    document = sim("--json", "connect", "plan", machine="granite-rapids").json()
    assert document["error"]["id"] == "module_not_pending"
    assert document["data"]["limits_read"] is True
    assert len(document["data"]["machine"]["cmrs"]) == 2


def test_a_recorded_host_is_planned_by_its_nodes(tdxctl):
    document = tdxctl("--root", str(HOSTS / "tdx-host-7.3"), "--json", "connect", "plan").json()
    assert document["error"]["id"] == "module_not_pending"
    assert [(tdmr["base"], tdmr["node"]) for tdmr in document["data"]["tdmrs"]] == [
        ("0x0", 0), ("0x100000000", 0), ("0x200000000", 1),
    ]  # fmt: skip


def test_hidden_addresses_are_a_denial(tdxctl, tmp_path):
    tree = tmp_path / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", tree)
    (tree / "proc/iomem").write_text("00000000-00000000 : System RAM\n")
    run = tdxctl("--root", str(tree), "--json", "connect", "plan")
    assert run.code == 4
    assert run.json()["error"]["id"] == "not_permitted"


def test_without_tdmrs_there_are_no_numbers(plan_of, tdxctl, tmp_path):
    data = plan_of(good_machine(limits={"max_tdmrs": 0})).json()["data"]
    assert (data["pamt_bytes"], data["spent_bytes"], data["calls"], data["tdmrs"]) == (None, None, None, [])
    text = tdxctl("connect", "plan", "--machine", str(tmp_path / "machine.json")).stdout
    assert "  PAMTs       no plan\n" in text


def test_pamts_without_a_home_say_so(plan_of):
    run = plan_of(good_machine(memory=[{"base": hex(4 * GIB), "bytes": MIB}]))
    assert [tdmr["pamt"]["tdmr"] for tdmr in run.json()["data"]["tdmrs"]] == [None]


def test_a_machine_may_come_on_standard_input(plan_of):
    first = plan_of(good_machine()).json()["data"]
    run = subprocess.run(
        [binary(), "--json", "connect", "plan", "--machine", "-"],
        input=json.dumps(good_machine()), capture_output=True, text=True, env=environment(), check=True,
    )  # fmt: skip
    assert json.loads(run.stdout)["data"] == first


def test_a_machine_and_a_driver_do_not_go_together(tdxctl, tmp_path):
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(good_machine()))
    run = tdxctl("--json", "--driver", "sim", "connect", "plan", "--machine", str(path))
    assert (run.code, run.json()["error"]["id"]) == (2, "usage")


def test_text_fits_a_terminal(tdxctl, tmp_path):
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(good_machine(memory=[
        {"base": hex(node << 43), "bytes": 8 * 1024 * GIB - 5 * MIB, "node": node} for node in range(8)
    ])))  # fmt: skip
    text = tdxctl("connect", "plan", "--machine", str(path), "--features", "connect").stdout
    table = [line for line in text.splitlines() if re.match(r"  (TDMR|\d+ |[#+.]|calls|Extensions)", line)]
    assert len(table) > 10
    assert max(map(len, table)) <= 80


def test_text_has_a_picture(tdxctl, tmp_path, golden):
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(good_machine()))
    run = tdxctl("connect", "plan", "--machine", str(path), "--features", "connect")
    assert (run.code, run.stderr) == (0, "")
    golden("connect-plan", run.stdout)


def pci_device(tree, address, tee_io):
    config = bytearray(256)
    config[0x06], config[0x34], config[0x40] = 0x10, 0x40, 0x10
    config[0x47] = 0x40 if tee_io else 0
    device = tree / "sys/bus/pci/devices" / address
    device.mkdir(parents=True)
    (device / "config").write_bytes(config)
    return device


def test_show_says_why_not(tdxctl, tmp_path, golden):
    tree = tmp_path / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", tree)
    pci_device(tree, "0000:00:00.0", tee_io=False)
    pci_device(tree, "0000:5e:00.0", tee_io=True)
    run = tdxctl("--root", str(tree), "connect", "show")
    assert run.code == 0
    golden("connect-show", run.stdout)
    data = tdxctl("--root", str(tree), "--json", "connect", "show").json()["data"]
    assert [device["address"] for device in data["pci"]["devices"]] == ["0000:5e:00.0"]
    verdicts = {check["id"]: check["verdict"] for check in data["checks"]}
    assert verdicts["tsm_missing"] == "bad"
    assert verdicts["tee_io_missing"] == "ok"


def test_show_follows_the_links_of_a_device(tdxctl, tmp_path):
    tree = tmp_path / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", tree)
    (tree / "sys/class/tsm/tsm0").mkdir(parents=True)
    tsm = pci_device(tree, "0000:5e:00.0", tee_io=True) / "tsm"
    tsm.mkdir()
    (tsm / "connect").write_text("tsm0\n")
    (tsm / "dsm").write_text("0000:5e:00.0\n")
    data = tdxctl("--root", str(tree), "--json", "connect", "show").json()["data"]
    assert data["pci"]["tsms"] == ["tsm0"]
    assert data["pci"]["devices"] == [
        {"address": "0000:5e:00.0", "tee_io": True, "accepted": True, "connected": "tsm0", "dsm": "0000:5e:00.0", "bound": None}
    ]  # fmt: skip


def test_show_knows_what_is_on(sim):
    document = sim("--json", "connect", "show", machine="connect-preview").json()
    features = {feature["name"]: feature for feature in document["data"]["features"]}
    assert features["TDXCONNECT"]["enabled"] is False  # the module is not initialised
    features = {each["name"]: each for each in sim("--json", "connect", "show").json()["data"]["features"]}
    assert (features["TDXCONNECT"]["supported"], features["TDXCONNECT"]["enabled"]) == (False, False)


@pytest.mark.parametrize(
    ("host", "headline"),
    [("debian-no-tdx", "cannot tell whether TDX Connect can be used here"), ("virtual-machine", "TDX Connect cannot be used here")],
)
def test_show_is_a_result_on_any_host(tdxctl, host, headline):
    run = tdxctl("--root", str(HOSTS / host), "connect", "show")
    assert run.code == 0
    assert run.stdout.splitlines()[0] == headline
