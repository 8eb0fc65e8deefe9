# SPDX-License-Identifier: MIT
"""What people read, verb by verb."""

import pytest
from conftest import HOSTS

DMESG = b"""[    0.9] virt/tdx: BIOS enabled: private KeyID range [64, 128)
[    1.0] virt/tdx: SEAMCALL (0x21) failed: 0xc000050500000000
[    1.1] pci 0000:00:1f.0: reg 0x10: [mem 0xfebf0000-0xfebf0fff]
[    2.0] TDH_MNG_CREATE failed: 0x8000020000000001
"""

CASES = {
    "features": ["features"],
    "features-all": ["features", "--all"],
    "features-has": ["features", "has", "NO_RBP_MOD", "sys-disable"],
    "metadata-get": ["metadata", "get", "TDX_FEATURES0", "PKG_FMS[0]", "BUILD_DATE", "NUM_CMRS", "0x0A00000300000FFF"],
    "metadata-dump": ["metadata", "dump"],
    "status": ["status"],
}


@pytest.mark.parametrize("name", CASES)
def test_on_a_simulated_machine(sim, golden, name):
    run = sim(*CASES[name], machine="conformance" if name == "status" else "sapphire-rapids")
    assert run.stdout.startswith("simulated machine '")
    golden(name, run.stdout)


@pytest.mark.parametrize("host", ["debian-no-tdx", "tdx-host-7.3", "early-tdx-6.16", "virtual-machine"])
def test_status_of_a_recorded_host(tdxctl, golden, host):
    run = tdxctl("--root", str(HOSTS / host), "status")
    assert run.code == 0
    assert run.stderr == ""
    golden(f"status-{host}", run.stdout)


def test_metadata_list_needs_no_host(tdxctl, golden):
    run = tdxctl("--root", str(HOSTS / "debian-no-tdx"), "metadata", "list")
    assert run.code == 0
    golden("metadata-list", run.stdout)


def test_decode(tdxctl, golden):
    run = tdxctl(
        "decode", "0xc000050500000000", "0xc000010000000002", "0x22", "0x8000000000000001", "0x0a00000300000008",
        "0x61f0fbf", "0xc000ab1200000034", "0",
    )  # fmt: skip
    assert run.code == 0
    golden("decode", run.stdout)


@pytest.mark.parametrize(
    "kind",
    ["status", "seamldr-status", "np-seamldr-status", "rax", "field", "features", "attributes", "xfam", "config-flags",
     "td-ctls", "sys-attributes"],
)  # fmt: skip
def test_decode_as(tdxctl, golden, kind):
    run = tdxctl("decode", "--as", kind, "0x8000000000000003")
    assert run.code == 0
    golden(f"decode-as-{kind}", run.stdout)


def test_decode_of_a_kernel_log(tdxctl, golden):
    run = tdxctl("decode", "-", stdin=DMESG)
    assert run.code == 0
    golden("decode-dmesg", run.stdout)


def test_sim_show(tdxctl, golden):
    golden("sim-show", tdxctl("sim", "show").stdout)
    golden("sim-show-machine", tdxctl("sim", "show", "conformance").stdout)


def test_every_machine_has_a_status_that_starts_with_the_answer(tdxctl, sim):
    machines = [line.split()[0] for line in tdxctl("sim", "show").stdout.splitlines()[1:]]
    assert len(machines) >= 4
    for machine in machines:
        run = sim("status", machine=machine)
        assert run.code == 0
        first, second = run.stdout.splitlines()[:2]
        assert first == f"simulated machine '{machine}': nothing here is about this host"
        assert second.startswith("TDX is ")


def test_no_verb_prints_an_error_and_a_way_on(tdxctl):
    run = tdxctl()
    assert (run.code, run.stdout) == (2, "")
    error, hint = run.stderr.splitlines()
    assert error.startswith("tdxctl: 'tdxctl' needs a verb: status, features, metadata, decode, ")
    assert hint == "hint: see tdxctl --help"
