# SPDX-License-Identifier: MIT
"""tdxctl update inspect, verify, convert and identify, on images made and signed here."""

import hashlib
import os

import pytest
from images import MODULE_PAGES, PAGE, blob, image_0x200, key_hash, make_module, make_sigstruct, public_key

MRSEAM_1_5_05 = "1cc6a17ab799e9a693fac7536be61c12ee1e0fabada82d0c999e08ccee2aa86de77b0870f558c570e7ffe55d6d47fa04"


MODULE = make_module()
SIGSTRUCT = make_sigstruct(MODULE)
BLOB = blob(SIGSTRUCT, MODULE)
IMAGE = image_0x200(SIGSTRUCT, MODULE)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.blob").write_bytes(BLOB)
    (tmp_path / "a.img").write_bytes(IMAGE)
    (tmp_path / "key.pem").write_bytes(public_key())
    return tmp_path


@pytest.fixture
def run(tdxctl, folder):
    """Runs 'tdxctl update' in the folder."""

    def update(*arguments):
        return tdxctl("update", *arguments, cwd=folder)

    return update


@pytest.fixture
def run_json(run):
    """The object that a verb prints, once its form and its exit code are checked."""

    def update(verb, *arguments, code=0):
        result = run(verb, "--json", *arguments)
        document = result.json()
        assert document["schema"] == f"tdxctl.update-{verb}/1"
        assert result.code == code, document
        return document

    return update


def test_verify_takes_both_forms_and_parts(folder, run_json):
    (folder / "b.bin").write_bytes(MODULE)
    (folder / "b.sigstruct").write_bytes(SIGSTRUCT)
    answer = run_json("verify", "--key", "key.pem", "a.blob", "a.img", "b.bin", "b.sigstruct")
    images = answer["data"]["images"]
    assert [image["form"] for image in images] == ["0x100", "0x200", "parts", "parts"]
    assert {image["verdict"] for image in images} == {"valid"}
    assert {image["module_sha384"] for image in images} == {hashlib.sha384(MODULE).hexdigest()}
    assert [warning["id"] for warning in answer["warnings"]] == ["other_key"]


def test_verify_wants_the_key_of_intel(folder, run_json):
    answer = run_json("verify", "a.img", code=6)
    assert answer["error"]["id"] == "image_key"
    bad = [check["id"] for check in answer["data"]["images"][0]["checks"] if check["verdict"] == "bad"]
    assert bad == ["image_key"]


def test_verify_of_a_debug_image_ends_in_7(folder, run_json):
    (folder / "d.img").write_bytes(image_0x200(make_sigstruct(MODULE, 1 << 31), MODULE))
    answer = run_json("verify", "--key", "key.pem", "d.img", code=7)
    assert answer["data"]["images"][0]["verdict"] == "incompatible"
    assert answer["error"]["id"] == "image_debug_signed"


def test_verify_names_every_broken_rule(folder, run):
    damaged = bytearray(IMAGE)
    damaged[3 * PAGE] ^= 1
    damaged[100] = 1
    (folder / "x.img").write_bytes(damaged)
    result = run("verify", "--key", "key.pem", "x.img")
    assert result.code == 6
    for rule in ("image_reserved", "image_checksum", "image_seamhash"):
        assert rule in result.stdout


def test_several_targets_fail_as_the_gravest_does(folder, run_json):
    (folder / "short").write_bytes(BLOB[:1000])
    answer = run_json("verify", "--key", "key.pem", "a.img", "none", "short", code=6)
    assert answer["error"]["message"].startswith("2 of 3 failed; the gravest: 'short': ")
    verdicts = [image["verdict"] for image in answer["data"]["images"]]
    assert verdicts == ["valid", None, "invalid"]


@pytest.mark.parametrize("form", ["0x100", "0x200"])
@pytest.mark.parametrize("start", ["a.blob", "a.img"])
def test_convert_and_back_gives_the_same_bytes(folder, run, start, form):
    assert run("convert", "--format", form, start, "there").code == 0
    assert (folder / "there").read_bytes() == {"0x100": BLOB, "0x200": IMAGE}[form]
    assert run("convert", "--format", "parts", "there", "p").code == 0
    assert (folder / "p.bin").read_bytes() == MODULE
    assert (folder / "p.sigstruct").read_bytes() == SIGSTRUCT
    back = {"a.blob": "0x100", "a.img": "0x200"}[start]
    assert run("convert", "--format", back, "p.bin", "back").code == 0
    assert (folder / "back").read_bytes() == (folder / start).read_bytes()


def test_convert_makes_what_linux_takes_unless_told(folder, run_json):
    answer = run_json("convert", "a.blob", "out")
    assert answer["changed"] is True
    assert answer["data"]["files"] == [{"path": "out", "size_bytes": len(IMAGE)}]
    assert (folder / "out").read_bytes() == IMAGE


def test_convert_can_be_repeated(folder, run_json):
    run_json("convert", "--format", "parts", "a.blob", "p")
    assert run_json("convert", "--format", "parts", "a.blob", "p")["changed"] is False
    (folder / "p.sigstruct").unlink()  # as if the first run had been killed
    assert run_json("convert", "--format", "parts", "a.blob", "p")["changed"] is True
    assert (folder / "p.sigstruct").read_bytes() == SIGSTRUCT


def test_convert_never_replaces(folder, run_json):
    (folder / "p.sigstruct").write_bytes(b"mine")
    before = sorted(os.listdir(folder))
    run_json("convert", "--format", "parts", "a.blob", "p", code=2)
    run_json("convert", "a.blob", "a.blob", code=2)
    assert sorted(os.listdir(folder)) == before
    assert (folder / "p.sigstruct").read_bytes() == b"mine"
    assert (folder / "a.blob").read_bytes() == BLOB


def test_convert_refuses_a_damaged_image_and_a_wrong_pair(folder, run_json):
    damaged = bytearray(BLOB)
    damaged[-1] ^= 1
    (folder / "x.blob").write_bytes(damaged)
    assert run_json("convert", "x.blob", "out", code=6)["error"]["id"] == "image_checksum"
    (folder / "y.bin").write_bytes(MODULE[:-PAGE])
    (folder / "y.sigstruct").write_bytes(SIGSTRUCT)
    assert run_json("convert", "y.bin", "out", code=6)["error"]["id"] == "image_seamhash"
    assert not (folder / "out").exists()


@pytest.mark.parametrize("out", ["p", "p.bin", "p.sigstruct"])
def test_convert_to_parts_takes_the_name_of_either(folder, run_json, out):
    files = run_json("convert", "--format", "parts", "a.blob", out)["data"]["files"]
    assert [each["path"] for each in files] == ["p.bin", "p.sigstruct"]


def test_convert_says_what_to_do(folder, run_json):
    there = run_json("convert", "a.blob", "/dev/full", code=2)["error"]
    assert (there["id"], there["hint"]) == ("file_exists", "name another file: what is there is never replaced")
    nowhere = run_json("convert", "a.blob", "nowhere/out", code=1)["error"]
    assert (nowhere["id"], nowhere["hint"]) == ("file_unwritable", "name a folder that is there")


def test_half_an_image_is_incomplete_and_not_damaged(folder, run):
    (folder / "only.bin").write_bytes(MODULE)
    text = run("inspect", "only.bin").stdout
    assert "incomplete: cannot read 'only.sigstruct': there is no such file" in text
    assert "damaged" not in text


def test_the_hash_of_a_key_can_be_given_in_place_of_a_file(folder, run_json):
    assert run_json("verify", "--key", key_hash(), "a.blob")["data"]["key_sha384"] == key_hash()
    assert run_json("verify", "--key", "0" * 96, "a.blob", code=6)["error"]["id"] == "image_key"


def test_a_file_of_another_kind_is_not_called_damaged(folder, run_json):
    (folder / "letter").write_text("dear reader")
    error = run_json("verify", "letter", code=6)["error"]
    assert error["id"] == "image_version"
    assert error["hint"].startswith("give a TDX module image")


def test_inspect_shows_what_the_image_says(folder, run, run_json):
    (image,) = run_json("inspect", "a.blob")["data"]["images"]
    assert image["form"] == "0x100"
    assert image["size_bytes"] == len(BLOB)
    assert image["module"]["pages"] == MODULE_PAGES
    sigstruct = image["sigstruct"]
    assert sigstruct["seamhash"] == hashlib.sha384(MODULE).hexdigest()
    assert (sigstruct["svn"], sigstruct["date"], sigstruct["handoff_pages"]) == ("1.5", "2024-01-29", 14)
    assert [cpu["cpu_name"] for cpu in sigstruct["cpus"]] == ["Sapphire Rapids"]
    text = run("inspect", "a.blob").stdout
    assert hashlib.sha384(MODULE).hexdigest() in text and "Sapphire Rapids (0x806f0)" in text


def test_inspect_goes_as_far_as_it_can(folder, run_json):
    (folder / "half.img").write_bytes(IMAGE[: 2 * PAGE + 100])
    (image,) = run_json("inspect", "half.img", code=6)["data"]["images"]
    assert image["module"] is None
    assert image["sigstruct"]["svn"] == "1.5"
    broken = [check["id"] for check in image["broken_rules"]]
    assert "image_length" in broken and "image_key" not in broken  # who signed it is no damage
    (folder / "alone.sigstruct").write_bytes(SIGSTRUCT)
    (image,) = run_json("inspect", "alone.sigstruct", code=1)["data"]["images"]
    assert image["sigstruct"]["svn"] == "1.5"
    assert "alone.bin" in image["error"]["message"]


def test_identify(folder, run_json):
    answer = run_json("identify", MRSEAM_1_5_05.upper(), "1.5", "a.img")
    by_hash, by_svn, image = answer["data"]["targets"]
    assert by_hash["identity"]["certain"] is True
    assert by_hash["identity"]["releases"][0]["version"] == "1.5.05"
    assert (by_svn["kind"], by_svn["identity"]["certain"]) == ("svn", False)
    assert (image["kind"], image["identity"]["certain"]) == ("image", False)


@pytest.mark.parametrize("target, code, error", [
    ("0" * 96, 2, "unknown_name"), (MRSEAM_1_5_05[:-1], 2, "usage"), ("9.9", 2, "unknown_name"),
    ("none", 1, "file_unreadable")])
def test_identify_of_what_nobody_knows(folder, run_json, target, code, error):
    assert run_json("identify", target, code=code)["error"]["id"] == error


@pytest.mark.parametrize("verb", ["inspect", "verify", "convert", "identify"])
@pytest.mark.parametrize("name, code", [
    ("directory", 1), ("empty", 6), ("/dev/zero", 1), ("huge", 1), ("none", 1), ("bad\x1bname", 1)])
def test_what_is_no_image(folder, run, run_json, verb, name, code):
    (folder / "directory").mkdir()
    (folder / "empty").touch()
    with open(folder / "huge", "wb") as huge:
        huge.truncate(3 << 30)
    more = ["out"] if verb == "convert" else []
    result = run(verb, name, *more)
    assert result.code == code
    assert result.stderr.startswith("tdxctl: ") and "\x1b" not in result.stderr + result.stdout
    run_json(verb, name, *more, code=code)
    assert not (folder / "out").exists()


def test_an_image_that_may_not_be_read_ends_in_4(as_nobody):
    run, directory = as_nobody
    image = directory / "a.img"
    image.write_bytes(IMAGE)
    image.chmod(0)
    result = run("--json", "update", "verify", str(image))
    assert result.code == 4
    assert result.json()["error"]["id"] == "not_permitted"


@pytest.mark.parametrize("arguments", [
    ["verify"], ["inspect"], ["identify"], ["convert", "a.img"], ["convert", "a.img", "b", "c"],
    ["convert", "--format", "zip", "a.img", "b"], ["verify", "--key", "a.img", "a.img"]])
def test_usage(folder, run, arguments):
    result = run(*arguments)
    assert result.code == 2
    assert result.stdout == "" and result.stderr.startswith("tdxctl: ")
