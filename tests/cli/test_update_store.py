# SPDX-License-Identifier: MIT
"""tdxctl update plan, apply, stage, discard, wanted and history, on a recorded host with a store of its own."""

import fcntl
import hashlib
import json
import os
import shutil
import socket

import pytest
from conftest import HOSTS
from images import image_0x200, make_module, make_sigstruct, mapping, public_key, release, release_blob

RUNNING = "1.5.24"


class Host:
    """A copy of a recorded host, with the upload device of Linux 7.3 and a catalog."""

    def __init__(self, tdxctl, folder):
        self.tdxctl = tdxctl
        self.root = folder / "host"
        shutil.copytree(HOSTS / "tdx-host-7.3", self.root)
        self.device = self.root / "sys" / "class" / "firmware" / "tdx_module"
        self.device.mkdir(parents=True)
        for name, text in (("status", "idle\n"), ("error", ""), ("loading", "0\n"), ("data", "")):
            (self.device / name).write_text(text)
        self.store = self.root / "var" / "lib" / "tdxctl"
        self.images = self.store / "images" / "joined_files"
        self.images.mkdir(parents=True)
        self.new = self.images / "tdx_module_1.5.28.blob"
        self.new.write_bytes(release_blob(21))
        (self.images / f"tdx_module_{RUNNING}.blob").write_bytes(release_blob(23))
        (self.store / "images" / "mapping_file.json").write_text(mapping(release(RUNNING), release("1.5.28")))
        self.key = folder / "key.pem"
        self.key.write_bytes(public_key())

    def run(self, verb, *arguments, code=0, key=True):
        """The object that a verb prints, once its form and its exit code are checked."""
        keys = ("--key", str(self.key)) if key and verb in ("plan", "apply", "stage") else ()
        result = self.tdxctl("--root", str(self.root), "--json", "update", verb, *keys, *map(str, arguments))
        document = result.json()
        assert document["schema"] == f"tdxctl.update-{verb}/1"
        assert result.code == code, document
        return document

    def write(self, path, text):
        (self.root / path).write_text(text)

    def history(self):
        return [(entry["action"], entry["result"], entry["to"]) for entry in self.run("history")["data"]["entries"]]


@pytest.fixture
def host(tdxctl, tmp_path):
    return Host(tdxctl, tmp_path)


class Journald:
    """Listens where journald does, below a root directory."""

    def __init__(self, root):
        path = root / "run" / "systemd" / "journal" / "socket"
        path.parent.mkdir(parents=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(str(path))

    def entries(self):
        """The fields of each entry that arrived, none of which has a line feed in it."""
        found = []
        while True:
            try:
                lines = self.socket.recv(1 << 16).decode().splitlines()
            except BlockingIOError:
                return found
            found.append(dict(line.split("=", 1) for line in lines))


@pytest.fixture
def journald(host):
    journald = Journald(host.root)
    yield journald
    journald.socket.close()


def refusal(document):
    return document["error"]["id"]


def test_plan_shows_every_check(host):
    data = host.run("plan", host.new)["data"]
    assert data["updater"] == "native" and data["image"]["version"] == "1.5.28" and data["up_to_date"] is False
    verdicts = {check["id"]: check["verdict"] for check in data["checks"]}
    assert not {"bad", "unknown"} & set(verdicts.values())
    assert {"image_signature", "image_cpu_not_listed", "lp_offline", "kernel_owns_module"} <= set(verdicts)


def test_plan_for_people(host):
    arguments = ("--root", str(host.root), "update", "plan", "--key", str(host.key), str(host.new))
    text = host.tdxctl(*arguments).stdout
    assert text.startswith("ready: the update to 1.5.28 (by its file name), by the driver native\n")
    assert "rules about the image itself hold" in text and "image_signature" not in text
    assert "image_signature" in host.tdxctl(*arguments, "--all").stdout


def test_plan_finds_the_list_above_the_image(host, tmp_path):
    shutil.move(host.store / "images", tmp_path / "downloaded")
    data = host.run("plan", tmp_path / "downloaded" / "joined_files" / host.new.name)["data"]
    assert data["catalog"]["releases"] == 2


def test_plan_without_any_catalog_refuses(host, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(host.new, alone)
    shutil.rmtree(host.store)
    document = host.run("plan", alone / host.new.name, code=8)
    assert refusal(document) == "image_fit_unknown"
    assert [each["id"] for each in document["warnings"]] == ["other_key", "folder_missing"]


def lp_offline(host):
    host.write("sys/devices/system/cpu/present", "0-9\n")


def upload_in_progress(host):
    (host.device / "status").write_text("transferring\n")


def no_upload_device(host):
    shutil.rmtree(host.device)


def tds_run(host):
    host.write("sys/fs/cgroup/misc.current", "tdx 2\n")


def no_updates_left(host):
    host.write("sys/devices/faux/tdx_host/num_remaining_updates", "0\n")


@pytest.mark.parametrize(("spoil", "arguments", "code", "error"), [
    (lp_offline, [], 8, "lp_offline"), (upload_in_progress, [], 5, "busy"), (no_upload_device, [], 3, "driver_unavailable"),
    (tds_run, ["--require-no-tds"], 8, "tds_in_use"), (no_updates_left, [], 8, "no_updates_left")])  # fmt: skip
def test_plan_and_apply_refuse_alike(host, spoil, arguments, code, error):
    spoil(host)
    plan = host.run("plan", *arguments, host.new, code=code)
    assert refusal(plan) == error
    applied = host.run("apply", "--yes", *arguments, host.new, code=code)
    assert refusal(applied) == error
    assert applied["data"]["plan"]["checks"] == plan["data"]["checks"]
    assert applied["data"]["update"] is None and applied["changed"] is False
    assert host.history() == []


def test_plan_wants_the_key_of_intel(host):
    document = host.run("plan", host.new, key=False, code=6)
    assert refusal(document) == "image_key"
    checks = {check["id"]: check for check in document["data"]["checks"]}
    assert (checks["image_not_verified"]["verdict"], checks["image_not_verified"]["evidence"]) == ("skipped", "it breaks the rule image_key")


@pytest.mark.parametrize("verb", ["list", "select", "plan", "apply", "stage"])
def test_another_key_than_intels_is_never_passed_over(host, verb):
    arguments = {"list": (), "select": (), "apply": ("--dry-run", host.new)}.get(verb, (host.new,))
    document = host.run(verb, "--key", host.key, *arguments, key=False)
    assert "other_key" in [each["id"] for each in document["warnings"]]
    if verb in ("plan", "apply"):
        (check,) = [each for each in document["data"].get("plan", document["data"])["checks"] if each["id"] == "other_key"]
        assert check["verdict"] == "skipped" and check["evidence"].startswith("it is NOT Intel's")


def test_tds_are_no_reason_to_leave_tdx(host):
    tds_run(host)
    document = host.run("plan", "--require-no-tds", host.new, code=8)
    assert "--require-no-tds" in document["error"]["hint"] and "disable" not in document["error"]["hint"]


def test_a_name_that_tells_no_release_has_a_hint_about_names(host, tmp_path):
    nameless = tmp_path / "x.blob"
    shutil.copy(host.new, nameless)
    document = host.run("plan", "--catalog", host.store / "images", nameless, code=8)
    assert refusal(document) == "image_fit_unknown"
    assert document["error"]["hint"].startswith("name the file as it was published")


def test_what_could_not_be_seen_has_its_own_hint(host):
    os.remove(host.root / "proc" / "cpuinfo")
    document = host.run("plan", host.new, code=8)
    assert refusal(document) == "image_fit_unknown"
    assert "catalog" not in (document["error"]["hint"] or "")


def test_a_staged_image_says_where_its_release_is_from(host):
    assert host.run("stage", host.new)["data"]["staged"]["version_by_name"] is True
    text = host.tdxctl("--root", str(host.root), "update", "stage", "--key", str(host.key), str(host.new)).stdout
    assert text.startswith("staged already: 1.5.28 (by its file name) from ")


def test_the_running_release_is_nothing_to_do(host):
    image = host.images / f"tdx_module_{RUNNING}.blob"
    assert host.run("plan", image)["data"]["up_to_date"] is True
    applied = host.run("apply", "--yes", image)
    assert applied["changed"] is False and applied["data"]["update"] is None
    assert host.history() == []


def test_apply_stops_before_it_touches_anything(host):
    document = host.run("apply", "--dry-run", host.new)
    assert document["data"]["dry_run"] is True and document["changed"] is False
    assert (host.device / "data").read_bytes() == b""
    assert refusal(host.run("apply", host.new, code=8)) == "confirmation_needed"
    assert (host.device / "data").read_bytes() == b""
    assert host.history() == []


def test_apply_believes_no_success_that_does_not_show(host):
    # The tree takes the image and says idle, and its module stays what it was.
    document = host.run("apply", "--yes", host.new, code=9)
    assert refusal(document) == "update_wrong_module"
    update = document["data"]["update"]
    assert update["outcome"] == "new-module"
    assert (update["before"]["module_version"], update["after"]["module_version"]) == (RUNNING, RUNNING)
    assert (host.device / "loading").read_bytes().startswith(b"0")
    module = make_module(filling=21)
    assert (host.device / "data").read_bytes() == image_0x200(make_sigstruct(module), module)
    assert host.history() == [("apply", "begun", "1.5.28"), ("apply", "failed", "1.5.28")]


def test_apply_tells_what_linux_could_not_do(host):
    (host.device / "error").write_text("transferring:firmware-invalid\n")
    document = host.run("apply", "--yes", host.new, code=1)
    assert refusal(document) == "update_had_no_effect"
    assert "transferring:firmware-invalid" in document["error"]["message"]
    assert document["data"]["update"]["outcome"] == "old-module" and document["changed"] is False


def test_stage_keeps_what_linux_takes(host):
    document = host.run("stage", host.new)
    assert document["changed"] is True
    staged = document["data"]["staged"]
    files = sorted(path.name for path in (host.store / "staged").iterdir())
    assert files == sorted([f"{staged['sha384']}.img", "manifest.json"])
    image = (host.store / "staged" / f"{staged['sha384']}.img").read_bytes()
    assert hashlib.sha384(image).hexdigest() == staged["sha384"]
    assert image[:2] == b"\x00\x02" and len(image) == staged["size_bytes"]
    assert (staged["version"], staged["source"]) == ("1.5.28", str(host.new))
    assert host.run("stage", host.new)["changed"] is False
    assert host.history() == [("stage", "done", "1.5.28")]


def test_the_staged_image_is_planned_and_applied(host):
    assert refusal(host.run("plan", code=2)) == "nothing_staged"
    host.run("stage", host.new)
    assert host.run("plan")["data"]["image"]["path"] == str(host.new)
    assert host.run("apply", "--dry-run")["data"]["plan"]["image"]["version"] == "1.5.28"


def test_stage_refuses_what_is_no_good(host, tmp_path):
    damaged = bytearray(host.new.read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "x.blob").write_bytes(damaged)
    assert refusal(host.run("stage", tmp_path / "x.blob", code=6)) in ("image_checksum", "image_seamhash")
    assert refusal(host.run("stage", host.new, key=False, code=6)) == "image_key"
    assert not (host.store / "staged").exists()


def test_discard(host):
    assert host.run("discard")["changed"] is False
    host.run("stage", host.new)
    document = host.run("discard")
    assert document["changed"] is True and document["data"]["discarded"]["version"] == "1.5.28"
    assert list((host.store / "staged").iterdir()) == []


def test_what_an_interrupted_run_left_is_removed_and_said(host):
    host.run("stage", host.new)
    (host.store / "staged" / "manifest.json.Ab12Cd").write_text("{")
    (host.store / "staged" / ("0" * 96 + ".img")).write_bytes(b"half")
    document = host.run("stage", host.new)
    assert document["changed"] is False
    assert [each["message"] for each in document["warnings"] if each["id"] == "interrupted"] == [
        "removed 2 files that an interrupted run left"]
    assert len(list((host.store / "staged").iterdir())) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "tdxctl.staged/1"}', "\0"])
def test_a_damaged_manifest_is_said_and_can_be_discarded(host, text):
    host.run("stage", host.new)
    (host.store / "staged" / "manifest.json").write_text(text)
    assert refusal(host.run("plan", code=1)) == "store_damaged"
    assert refusal(host.run("apply", "--yes", code=1)) == "store_damaged"
    assert host.run("discard")["changed"] is True
    assert list((host.store / "staged").iterdir()) == []


def test_an_altered_staged_image_is_not_applied(host):
    host.run("stage", host.new)
    (path,) = (host.store / "staged").glob("*.img")
    path.write_bytes(path.read_bytes()[:-1])
    assert refusal(host.run("apply", "--yes", code=1)) == "store_damaged"
    assert (host.device / "data").read_bytes() == b""


def test_wanted(host):
    assert host.run("wanted")["data"]["wanted"] is None
    assert host.run("wanted", "1.5.28")["changed"] is True
    assert host.run("wanted", "1.5.28")["changed"] is False
    assert host.run("wanted")["data"]["wanted"] == "1.5.28"
    assert host.run("wanted", "--clear")["data"]["wanted"] is None
    assert host.run("wanted", "newest", code=2)["error"]["id"] == "usage"
    assert host.run("wanted", "--clear", "1.5.28", code=2)["error"]["id"] == "usage"


def test_a_damaged_wanted_release_has_a_hint_of_its_own(host):
    (host.store / "wanted").write_text("newest\n")
    document = host.run("wanted", code=1)
    assert refusal(document) == "store_damaged"
    assert "update wanted --clear" in document["error"]["hint"]
    assert host.run("wanted", "--clear")["data"]["wanted"] is None


def test_history_is_readable_when_it_is_torn(host):
    host.run("wanted", "1.5.28")
    with open(host.store / "history.jsonl", "a", encoding="ascii") as file:
        file.write('{"time": "2026-')
    document = host.run("history")
    assert len(document["data"]["entries"]) == 1
    assert [each["id"] for each in document["warnings"]] == ["history"]
    host.run("wanted", "--clear")
    assert host.history() == [("wanted", "done", "1.5.28"), ("wanted", "done", None)]
    lines = (host.store / "history.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["action"] == "wanted"


def test_journald_is_told_the_same(host, journald):
    host.run("apply", "--yes", host.new, code=9)
    begun, failed = journald.entries()
    ours, theirs = host.run("history")["data"]["entries"]
    for fields, entry in ((begun, ours), (failed, theirs)):
        assert fields["SYSLOG_IDENTIFIER"] == "tdxctl"
        for name in ("action", "result", "from", "to", "image_sha384", "driver", "outcome", "error_id"):
            assert fields.get(f"TDXCTL_{name.upper()}") == entry[name]
    assert (begun["MESSAGE"], begun["PRIORITY"]) == ("update apply begun, from 1.5.24 to 1.5.28", "5")
    assert failed["MESSAGE"].startswith("update apply failed, from 1.5.24 to 1.5.28: ")
    assert (failed["PRIORITY"], failed["TDXCTL_ERROR_ID"]) == ("3", "update_wrong_module")


def test_journald_is_told_of_what_changes_only(host, journald):
    host.run("wanted", "1.5.28")
    host.run("wanted", "1.5.28")
    host.run("wanted")
    assert [(each["TDXCTL_ACTION"], each["TDXCTL_TO"]) for each in journald.entries()] == [("wanted", "1.5.28")]


def test_a_journald_that_is_gone_is_no_trouble(host, journald):
    journald.socket.close()
    document = host.run("wanted", "1.5.28")
    assert document["changed"] is True and document["warnings"] == []


@pytest.mark.parametrize("verb", [["stage", "IMAGE"], ["discard"], ["wanted", "1.5.28"], ["apply", "--yes", "IMAGE"]])
def test_one_run_changes_something_at_a_time(host, verb):
    lock = host.root / "run" / "tdxctl.lock"
    lock.parent.mkdir(parents=True)
    with open(lock, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        arguments = [str(host.new) if each == "IMAGE" else each for each in verb[1:]]
        assert refusal(host.run(verb[0], *arguments, code=5)) == "busy"
    assert not (host.store / "staged").exists() and not (host.store / "history.jsonl").exists()


def test_nobody_can_keep_root_out(as_nobody):
    run, _ = as_nobody
    assert run("update", "wanted", "1.5.28").code == 4
    assert not os.path.exists("/run/lock/tdxctl.lock")


def test_the_store_is_for_root_alone(host):
    shutil.rmtree(host.store)
    host.run("wanted", "1.5.28")
    assert host.store.stat().st_mode & 0o777 == 0o700
    assert (host.store / "wanted").stat().st_mode & 0o777 == 0o600
