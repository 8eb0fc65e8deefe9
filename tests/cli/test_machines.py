# SPDX-License-Identifier: MIT
"""Machine files: made by the program, and made by its enemies."""

import json
import os
import shutil

import pytest
from conftest import NOBODY


def create(tdxctl, path, *options):
    return tdxctl("sim", "create", str(path), *options, "--json")


def write(tmp_path, content):
    path = tmp_path / "machine.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def machine(**changes):
    return {"schema": "tdxctl.machine/1", "profile": "sapphire-rapids", **changes}


def test_create_writes_what_show_shows(tdxctl, sim, tmp_path):
    path = tmp_path / "m.json"
    run = create(
        tdxctl, path, "--profile", "sierra-forest", "--packages", "2", "--lps", "8", "--boot", "loaded", "--module", "1.5.25",
        "--seamldr", "2.0.01", "--updates", "7",
    )  # fmt: skip
    document = run.json()
    assert run.code == 0
    assert document["changed"] is True
    assert document["data"]["path"] == str(path)
    (shown,) = tdxctl("sim", "show", str(path), "--json").json()["data"]["machines"]
    assert shown == document["data"]["machine"]
    assert (shown["profile"], shown["packages"], shown["lps"], shown["boot"]) == ("sierra-forest", 2, 8, "loaded")
    assert (shown["module_version"], shown["seamldr_version"], shown["updates_left"]) == ("1.5.25", "2.0.01", 7)
    status = sim("--json", "status", machine=path).json()["data"]
    assert status["module"]["state"] == "not-initialised"
    assert status["platform"]["lps_present"] == 8


def test_create_never_replaces_a_file(tdxctl, tmp_path):
    path = tmp_path / "m.json"
    path.write_text("mine")
    run = create(tdxctl, path)
    assert run.code == 2
    assert run.json()["error"]["id"] == "file_exists"
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["m.json"]


def test_create_says_where_it_cannot_write(tdxctl, tmp_path):
    run = create(tdxctl, tmp_path / "missing" / "m.json")
    assert run.code == 1
    assert run.json()["error"]["id"] == "file_unwritable"


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--lps", "0"], "LP"), (["--lps", "10000"], "1024"), (["--lps", "7"], "evenly"), (["--packages", "0"], "packages"),
     (["--packages", "9"], "packages"), (["--boot", "asleep"], "asleep"), (["--module", "1.5"], "1.5"),
     (["--module", "9.9.99"], "9.9.99"), (["--features0", "many"], "many"), (["--lps", "-1"], ""), (["--lps", "99999999999"], ""),
     (["--profile", "nonsense"], "nonsense"), (["--faults", "seamcall=34"], "fault"), (["--faults", "x"], "fault")],
    ids=str,
)  # fmt: skip
def test_create_refuses_what_cannot_be(tdxctl, tmp_path, options, words):
    run = create(tdxctl, tmp_path / "m.json", *options)
    document = run.json()
    assert run.code == 2
    assert words in document["error"]["message"]
    assert document["error"]["hint"]
    assert os.listdir(tmp_path) == []


HOSTILE = {
    "empty": b"",
    "no-json": b"hello",
    "truncated": b'{"schema": "tdxctl.machine/1", "profile": "sapphire',
    "no-object": b"[1, 2]",
    "null": b"null",
    "trailing": b'{"schema": "tdxctl.machine/1", "profile": "sapphire-rapids"} {}',
    "no-schema": {"profile": "sapphire-rapids"},
    "other-schema": machine(schema="tdxctl.machine/2"),
    "no-profile": {"schema": "tdxctl.machine/1"},
    "unknown-profile": machine(profile="nonsense"),
    "unknown-member": machine(colour="red"),
    "duplicate": b'{"schema": "tdxctl.machine/1", "profile": "sapphire-rapids", "lps": 4, "lps": 8}',
    "nested": b'{"schema": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "nested-open": b"[" * 60_000,
    "wrong-type": machine(lps="8"),
    "wrong-type-text": machine(module=15),
    "lps-object": machine(lps={}),
    "no-lps": machine(lps=0),
    "many-lps": machine(lps=10_000),
    "negative-lps": machine(lps=-1),
    "fractional-lps": machine(lps=1.5),
    "huge-number": machine(lps=2**32 + 4),
    "huger-number": b'{"schema": "tdxctl.machine/1", "profile": "sapphire-rapids", "lps": 1e999}',
    "digits": b'{"schema": "tdxctl.machine/1", "profile": "sapphire-rapids", "lps": ' + b"9" * 5000 + b"}",
    "uneven": machine(lps=7),
    "packages": machine(packages=1000),
    "boot": machine(boot="asleep"),
    "version": machine(module="1.5.x"),
    "unpublished": machine(module="7.7.77"),
    "mask": machine(features0="0x10000000000000000"),
    "fault": machine(faults="seamcall=34,status=1,outcome=ud"),
    "many-faults": machine(faults=";".join(["seamcall=34,status=1"] * 1000)),
    "large": b'{"schema": "' + b"x" * 70_000 + b'"}',
    "not-utf-8": b'{"schema": "tdxctl.machine/1", "profile": "\xff\xfe"}',
    "nul": b'{"schema": "tdxctl.machine/1", "profile": "a\\u0000b"}',
    "bom-and-nul": b"\xef\xbb\xbf\x00\x00",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_machine_file_is_refused(tdxctl, sim, tmp_path, name):
    path = write(tmp_path, HOSTILE[name])
    for run in (sim("--json", "features", machine=path), tdxctl("sim", "show", path, "--json")):
        error = run.json()["error"]
        assert run.code == 2
        assert error["id"] in ("profile_invalid", "profile_limit", "no_such_machine")
        assert path in error["message"]
        assert error["hint"]
    text = sim("features", machine=path)
    assert text.stdout == ""
    assert text.stderr.count("\n") == 2


def test_faults_of_a_machine_are_felt(tdxctl, sim, tmp_path):
    path = tmp_path / "m.json"
    status = "0xc000050600000000"
    assert create(tdxctl, path, "--faults", f"seamcall=34,status={status},count=0").code == 0
    error = sim("--json", "features", machine=path).json()["error"]
    assert error["seamcall"]["status"] == status
    assert error["seamcall"]["name"] == "TDX_SYS_SHUTDOWN"


@pytest.mark.parametrize("lps", ["2", "1024"])
def test_the_largest_and_the_smallest_machine_work(tdxctl, sim, tmp_path, lps):
    path = tmp_path / "m.json"
    assert create(tdxctl, path, "--lps", lps).code == 0
    assert sim("--json", "status", machine=path).json()["data"]["platform"]["lps_online"] == int(lps)


def test_what_is_no_file_is_said(sim, tmp_path):
    run = sim("--json", "features", machine=str(tmp_path / "missing.json"))
    assert (run.code, run.json()["error"]["id"]) == (2, "no_such_machine")
    run = sim("--json", "features", machine=f"{tmp_path}/")
    assert run.code in (1, 2)
    assert "directory" in run.json()["error"]["message"]


def test_a_file_that_may_not_be_read_is_a_denial(as_nobody, tdxctl):
    run, directory = as_nobody
    path = directory / "m.json"
    assert create(tdxctl, path).code == 0
    path.chmod(0)
    result = run("--driver", f"sim={path}", "--json", "features")
    assert result.code == 4
    assert result.json()["error"]["id"] == "not_permitted"


def test_nobody_can_make_a_machine_of_their_own(as_nobody):
    run, directory = as_nobody
    own = directory / "own"
    own.mkdir()
    if os.geteuid() == 0:
        shutil.chown(own, NOBODY, NOBODY)
    assert run("sim", "create", str(own / "m.json")).code == 0
    assert run("--driver", f"sim={own}/m.json", "features").code == 0
