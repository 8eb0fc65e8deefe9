# SPDX-License-Identifier: MIT
"""Exit codes, and the causes behind them."""

import os
import shutil

import pytest
from conftest import HOSTS


def error_of(run):
    return run.json()["error"]


def machine_file(tdxctl, directory, *options):
    path = directory / "machine.json"
    assert tdxctl("sim", "create", str(path), *options).code == 0
    return str(path)


@pytest.mark.parametrize(
    ("boot", "cause"),
    [("no-vmx", "seamcall_ud"), ("no-seam", "seamcall_gp"), ("no-seamldr", "seamcall_vmfailinvalid"),
     ("no-module", "seamcall_vmfailinvalid")],
)  # fmt: skip
def test_a_machine_without_a_module_says_why(tdxctl, sim, tmp_path, boot, cause):
    run = sim("--json", "features", machine=machine_file(tdxctl, tmp_path, "--boot", boot))
    assert run.code == 3
    assert error_of(run)["id"] == cause


def test_each_cause_has_its_own_sentence_and_next_step(tdxctl, sim, tmp_path):
    errors = [error_of(tdxctl("--root", str(HOSTS / "debian-no-tdx"), "--driver", "native", "--json", "features"))]
    for boot in ("no-vmx", "no-seam", "no-module"):
        directory = tmp_path / boot
        directory.mkdir()
        errors.append(error_of(sim("--json", "features", machine=machine_file(tdxctl, directory, "--boot", boot))))
    if not os.path.exists("/dev/tdxctl"):
        errors.append(error_of(tdxctl("--driver", "helper", "--json", "features")))
        assert errors[-1]["id"] == "helper_not_loaded"
    assert errors[0]["id"] == "kernel_without_tdx_host"
    assert len({error["id"] for error in errors}) == len(errors)
    assert len({error["message"] for error in errors}) == len(errors)
    assert len({error["hint"] for error in errors}) == len(errors)
    assert {error["exit_code"] for error in errors} == {3}


def test_features_has_answers_by_exit_code(sim):
    assert sim("features", "has", "NO_RBP_MOD").code == 0
    run = sim("--json", "features", "has", "NO_RBP_MOD", "SYS_DISABLE", "TDX_CONNECT")
    assert run.code == 3
    document = run.json()
    assert document["data"]["missing"] == ["SYS_DISABLE", "TDXCONNECT"]
    assert document["error"]["id"] == "feature_missing"


def test_a_misspelt_feature_is_not_a_missing_one(sim):
    run = sim("features", "has", "SYS_DISABEL")
    assert run.code == 2
    assert "did you mean 'SYS_DISABLE'?" in run.stderr


def test_quiet_leaves_only_the_exit_code(sim):
    for arguments, code in ((["NO_RBP_MOD"], 0), (["SYS_DISABLE"], 3)):
        run = sim("-q", "features", "has", *arguments)
        assert (run.code, run.stdout, run.stderr) == (code, "", "")
    run = sim("-q", "features", "has", "nonsense")
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr


def test_status_reports_on_any_host(tdxctl):
    for host in ("debian-no-tdx", "virtual-machine"):
        run = tdxctl("--root", str(HOSTS / host), "status")
        assert run.code == 0
        assert run.stdout.startswith("no TDX here: ")


def test_a_denial_is_not_an_absence(as_nobody):
    run, directory = as_nobody
    tree = directory / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", tree)
    for name in ("seamldr_version", "num_remaining_updates"):
        (tree / "sys/devices/faux/tdx_host" / name).chmod(0)
    document = run("--root", str(tree), "--json", "status").json()
    assert document["data"]["module"]["state"] == "ready"
    assert document["data"]["seamldr"]["updates_left"] is None
    reasons = {each["fact"]: each["reason"] for each in document["data"]["not_seen"]}
    for fact in ("seamldr.version", "seamldr.updates_left"):
        assert reasons[fact]["id"] == "not_permitted"
        assert reasons[fact]["exit_code"] == 4
        assert reasons[fact]["hint"] == "run as root"


def test_a_host_that_may_not_be_read_is_unknown(as_nobody):
    run, directory = as_nobody
    tree = directory / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", tree)
    (tree / "sys/devices/faux/tdx_host/version").chmod(0)
    document = run("--root", str(tree), "--json", "status").json()
    assert document["data"]["tdx"]["presence"] == "unknown"
    text = run("--root", str(tree), "status").stdout
    assert text.startswith("cannot tell the state of TDX: ")
    assert "permission denied" in text.splitlines()[0]


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["decode", "0x22"], ["metadata", "list"], ["sim", "show"], ["--driver", "sim", "status"],
     ["status"]],
    ids=" ".join,
)  # fmt: skip
def test_needs_neither_root_nor_tdx(as_nobody, arguments):
    run, _ = as_nobody
    result = run(*arguments)
    assert result.code == 0
    assert result.stdout
    assert result.stderr == ""


def test_auto_never_simulates(tdxctl):
    document = tdxctl("--root", str(HOSTS / "debian-no-tdx"), "--json", "features").json()
    assert document["ok"] is False
    assert document["driver"] is None


def test_the_helper_is_no_part_of_a_recorded_host(tdxctl):
    run = tdxctl("--root", str(HOSTS / "tdx-host-7.3"), "--driver", "helper", "features")
    assert run.code == 2


@pytest.mark.parametrize("verb", [["--help"], ["status", "--help"], ["features", "has", "-h"], ["sim", "create", "--help"]])
def test_help_is_a_result(tdxctl, verb):
    run = tdxctl(*verb)
    assert run.code == 0
    assert "Usage: tdxctl" in run.stdout
    assert run.stderr == ""
