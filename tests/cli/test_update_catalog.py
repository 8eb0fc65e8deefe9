# SPDX-License-Identifier: MIT
"""tdxctl update list and select: a catalog made here, on simulated and recorded hosts."""

import os
import shutil

import pytest
from conftest import HOSTS
from images import GRANITE_RAPIDS, mapping, public_key, release, release_blob

RUNNING = "1.5.16"


@pytest.fixture
def catalog(tmp_path):
    """Intel's layout: 1.5.13 to 1.5.25 for Sapphire Rapids but for the last, and one of the other line."""
    folder = tmp_path / "catalog"
    images = folder / "joined_files" / "1.5"
    images.mkdir(parents=True)
    other_line = folder / "joined_files" / "2.0"
    other_line.mkdir()
    for filling, version in ((3, "1.5.13"), (5, RUNNING), (7, "1.5.20"), (9, "1.5.24")):
        (images / f"tdx_module_{version}.blob").write_bytes(release_blob(filling))
    (images / "tdx_module_1.5.25.blob").write_bytes(release_blob(11, cpu=GRANITE_RAPIDS))
    (other_line / "tdx_module_2.0.18.blob").write_bytes(release_blob(13, svn=(3, 9), cpu=GRANITE_RAPIDS))
    versions = ("1.5.13", RUNNING, "1.5.20", "1.5.24", "1.5.25", "1.5.34")
    rows = [release(version) for version in versions] + [release("2.0.18", "2.0.04", ["2.0.00"])]
    (folder / "mapping_file.json").write_text(mapping(*rows))
    (tmp_path / "key.pem").write_bytes(public_key())
    return folder


@pytest.fixture
def machine(tdxctl, tmp_path):
    """Makes a Sapphire Rapids machine that runs RUNNING."""

    def make(name="machine.json", **options):
        path = tmp_path / name
        options = {"profile": "sapphire-rapids", "module": RUNNING, **options}
        arguments = [f"--{key}={value}" for key, value in options.items()]
        assert tdxctl("sim", "create", str(path), *arguments).code == 0
        return str(path)

    return make


@pytest.fixture
def on(tdxctl, catalog, tmp_path):
    """Runs an update verb on a machine; gives its document once its form and exit code are checked."""

    def run(machine, verb, *arguments, code=0, key=True):
        keys = ("--key", str(tmp_path / "key.pem")) if key else ()
        where = () if "--catalog" in arguments else ("--catalog", str(catalog))
        result = tdxctl("--driver", f"sim={machine}", "--json", "update", verb, *keys, *where, *arguments)
        document = result.json()
        assert document["schema"] == f"tdxctl.update-{verb}/1"
        assert result.code == code, document
        return document

    return run


def by_version(images):
    return {image["version"]: image for image in images}


def reasons(image, key="checks"):
    return {check["id"] for check in image[key] if check["verdict"] in ("bad", "unknown")}


def test_list_gives_every_image_a_verdict_and_its_reasons(on, machine):
    document = on(machine(), "list")
    images = by_version(document["data"]["images"])
    assert {version: image["fit"] for version, image in images.items()} == {
        "1.5.13": "unfit", RUNNING: "fits", "1.5.20": "fits", "1.5.24": "fits", "1.5.25": "unfit", "2.0.18": "unfit"}
    assert [version for version, image in images.items() if image["running"]] == [RUNNING]
    assert reasons(images["1.5.13"]) == {"image_older_version"}
    assert reasons(images["1.5.25"]) == {"image_cpu_not_listed"}
    assert {"image_other_line", "image_svn_line", "image_cpu_not_listed"} <= reasons(images["2.0.18"])
    assert document["data"]["catalog"]["releases_without_image"] == ["1.5.34"]
    assert document["driver"] == "sim" and document["data"]["host"]["not_seen"] == []


def test_list_wants_the_key_of_intel(on, machine):
    document = on(machine(), "list", key=False)
    assert {image["fit"] for image in document["data"]["images"]} == {"unfit"}
    assert {image["error"]["id"] for image in document["data"]["images"]} == {"image_key"}


def test_list_for_people(tdxctl, catalog, machine, tmp_path):
    run = tdxctl("--driver", f"sim={machine()}", "update", "list", "--catalog", str(catalog), "--key",
                 str(tmp_path / "key.pem"))
    assert run.code == 0
    lines = run.stdout.splitlines()
    assert lines[1].startswith("TDX module 1.5.16 (SVN 1.5), P-SEAMLDR ")
    assert any(line.split()[:2] == ["1.5.16*", "running"] for line in lines)
    assert "* nothing but the name of the file tells this release" in lines
    (line,) = [line for line in lines if line.startswith("1.5.25")]
    assert "does not fit" in line and "1.5/tdx_module_1.5.25.blob" in line and "image_cpu_not_listed: " in line


def test_a_recorded_host_is_judged_by_what_it_shows(tdxctl, catalog, tmp_path):
    arguments = ("--root", str(HOSTS / "tdx-host-7.3"), "--json", "update", "list", "--catalog", str(catalog), "--key",
                 str(tmp_path / "key.pem"))
    data = tdxctl(*arguments).json()["data"]
    # Linux shows neither SVN nor features: the image and the row of the running release do.
    assert data["host"]["module_version"] == "1.5.24"
    assert data["host"]["served_by"]["module_version"] == "native"
    assert (data["host"]["svn"], data["host"]["served_by"]["svn"]) == ("1.5", "catalog")
    assert data["host"]["features0"] == "0xffffffffffffffff"
    assert data["host"]["not_seen"] == []
    # Without those nobody does.
    os.remove(catalog / "joined_files" / "1.5" / "tdx_module_1.5.24.blob")
    (catalog / "mapping_file.json").write_text(mapping(release("1.5.20"), release("1.5.25")))
    data = tdxctl(*arguments).json()["data"]
    assert data["host"]["served_by"]["svn"] is None
    assert {unseen["fact"] for unseen in data["host"]["not_seen"]} == {"svn", "module_hv", "features0"}
    assert {"image_svn_line", "image_handoff_version"} <= reasons(by_version(data["images"])["1.5.25"])


@pytest.fixture
def default_catalog(tdxctl, tmp_path):
    """A recorded host: its default catalog, which is not there, and the same verb on it in JSON."""
    root = tmp_path / "host"
    shutil.copytree(HOSTS / "tdx-host-7.3", root)

    def run(*arguments):
        return tdxctl("--root", str(root), "--json", "update", *arguments)

    return root / "var" / "lib" / "tdxctl" / "images", run


def test_the_default_catalog_lies_below_the_root(default_catalog, catalog):
    folder, run = default_catalog
    shutil.copytree(catalog, folder)
    document = run("list").json()
    assert (len(document["data"]["images"]), document["data"]["catalog"]["path"]) == (6, str(folder))


@pytest.mark.parametrize("reason", ["folder_missing", "no_images"])
def test_the_default_catalog_need_not_be_there(default_catalog, reason):
    folder, run = default_catalog
    if reason == "no_images":
        folder.mkdir(parents=True)
    listed = run("list")
    document = listed.json()
    assert (listed.code, document["ok"], document["data"]["images"]) == (0, True, [])
    assert document["data"]["catalog"]["path"] == str(folder)
    assert document["data"]["host"]["module_version"] is not None
    (warning,) = document["warnings"]
    assert warning["id"] == reason
    assert f"'{folder}'" in warning["message"] and "--catalog" in warning["message"]
    # There is nothing to choose from, and nothing that was asked for.
    selected = run("select")
    assert (selected.code, selected.json()["error"]["id"]) == (1, reason)
    assert "--catalog" in selected.json()["error"]["hint"]
    # A folder that was named is another matter.
    named = run("list", "--catalog", str(folder))
    assert (named.code, named.json()["error"]["id"], named.json()["data"]) == (1, reason, None)


def test_a_default_catalog_that_cannot_be_looked_at_is_not_taken_for_none(default_catalog):
    folder, run = default_catalog
    folder.parent.mkdir(parents=True)
    folder.write_text("")
    listed = run("list")
    assert (listed.code, listed.json()["error"]["id"]) == (1, "file_unreadable")
    folder.unlink()
    (folder / "a" / "b" / "c" / "d" / "too deep").mkdir(parents=True)
    listed = run("list")
    assert (listed.code, listed.json()["error"]["id"]) == (1, "file_unreadable")


def test_a_plain_folder_may_fit_at_best(on, machine, catalog):
    os.remove(catalog / "mapping_file.json")
    images = by_version(on(machine(), "list")["data"]["images"])
    assert images["1.5.24"]["fit"] == "unknown"
    assert "image_seamldr_too_old" in reasons(images["1.5.24"])
    error = on(machine("again.json"), "select", code=8)["error"]
    assert error["id"] == "image_fit_unknown"


def test_the_list_of_releases_can_be_named(on, machine, catalog, tmp_path):
    other = catalog / "other.json"
    os.rename(catalog / "mapping_file.json", other)
    assert on(machine(), "list", "--catalog", str(other))["data"]["catalog"]["mapping_file"] == str(other)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tdx_module_releases": 3}', "\0" * 100])
def test_a_broken_list_is_an_error_and_the_images_are_still_shown(on, machine, catalog, text):
    (catalog / "mapping_file.json").write_text(text)
    name = machine()
    document = on(name, "list", code=6)
    assert document["error"]["id"] == "catalog_invalid"
    # joined_files only means something in a published layout: nothing else is in this folder.
    assert len(document["data"]["images"]) == 6
    assert on(name, "select", code=6)["data"] is None


def test_half_a_list_costs_only_what_is_wrong_in_it(on, machine, catalog):
    rows = [release("1.5.20"), release(RUNNING), {"version": "1.5.24"}, "nonsense"]
    (catalog / "mapping_file.json").write_text(mapping(*rows))
    document = on(machine(), "list")
    images = by_version(document["data"]["images"])
    assert (images["1.5.20"]["fit"], images["1.5.24"]["fit"]) == ("fits", "unknown")
    assert [each["id"] for each in document["warnings"]] == ["other_key", "catalog", "catalog"]


def test_hostile_folders_do_no_harm(on, machine, catalog):
    images = catalog / "joined_files" / "1.5"
    os.symlink("..", images / "loop")
    os.symlink("/dev/zero", images / "zero.blob")
    os.mkfifo(images / "pipe.blob")
    (images / "deep" / "er" / "and" / "deeper").mkdir(parents=True)
    (images / "empty.img").write_bytes(b"")
    (images / "huge.img").write_bytes(b"")
    os.truncate(images / "huge.img", 1 << 32)
    (images / "bad\x1b]0;name.img").write_bytes(b"\0" * 5000)
    (images / ".hidden.blob").write_bytes(b"\0")
    document = on(machine(), "list")
    paths = {image["path"].rsplit("/")[-1]: image for image in document["data"]["images"]}
    assert len(paths) == 9
    assert paths["empty.img"]["error"]["id"] == "image_too_short"
    assert paths["huge.img"]["error"]["id"] == "file_unreadable"
    assert [warning["message"].split()[-1] for warning in document["warnings"] if warning["id"] == "catalog"] == ["deep"]
    assert on(machine("again.json"), "select")["data"]["chosen"]["version"] == "1.5.24"


def test_a_name_that_lies_is_not_believed(on, machine, catalog):
    images = catalog / "joined_files" / "1.5"
    os.rename(catalog / "joined_files" / "2.0" / "tdx_module_2.0.18.blob", images / "tdx_module_1.5.34.blob")
    (liar,) = [image for image in on(machine(), "list")["data"]["images"] if "1.5.34" in image["path"]]
    assert liar["version"] is None
    assert liar["fit"] == "unfit"
    checks = {check["id"]: check for check in liar["checks"]}
    assert checks["image_wrong_name"]["evidence"] == "the name says 1.5.34, and the image cannot be that release"


def test_one_module_under_two_names_is_said(on, machine, catalog):
    images = catalog / "joined_files" / "1.5"
    shutil.copy(images / "tdx_module_1.5.24.blob", images / "tdx_module_1.5.34.blob")
    messages = [warning["message"] for warning in on(machine(), "list")["warnings"]]
    (message,) = [each for each in messages if "the same module" in each]
    assert "1.5.24" in message and "1.5.34" in message
    # The same release twice is nothing to talk about.
    shutil.move(images / "tdx_module_1.5.34.blob", images / "copy_of_1.5.24.blob")
    assert not [each for each in on(machine("again.json"), "list")["warnings"] if "the same module" in each["message"]]


def test_rows_that_contradict_each_other_are_not_believed(on, machine, catalog):
    rows = [release(RUNNING), release("1.5.24"), release("1.5.24", seamldr=["1.5.09"]), release("1.5.20"), release("1.5.20")]
    for order in (rows, rows[::-1]):
        (catalog / "mapping_file.json").write_text(mapping(*order))
        document = on(machine(f"{len(order)}-{order[0]['version']}.json"), "list")
        images = by_version(document["data"]["images"])
        assert (images["1.5.24"]["fit"], images["1.5.20"]["fit"]) == ("unknown", "fits")
        evidence = {check["id"]: check["evidence"] for check in images["1.5.24"]["checks"]}
        assert evidence["image_seamldr_too_old"] == "the list of releases contradicts itself about the image"
        assert len([each for each in document["warnings"] if "contradicts another one" in each["message"]]) == 1


@pytest.mark.parametrize(("policy", "chosen"), [
    ("newest", "1.5.24"), ("smallest-step", "1.5.20"), ("pinned=1.5.20", "1.5.20")])
def test_select_chooses_by_the_policy(on, machine, policy, chosen):
    data = on(machine(), "select", "--policy", policy)["data"]
    assert data["chosen"]["version"] == chosen
    assert len(data["rejected"]) == 5
    for image in data["rejected"]:
        assert reasons(image, "reasons")


def test_select_prints_the_path_and_nothing_else(tdxctl, catalog, machine, tmp_path):
    name = machine()
    arguments = ("--driver", f"sim={name}", "update", "select", "--catalog", str(catalog), "--key",
                 str(tmp_path / "key.pem"))
    run = tdxctl(*arguments)
    path = str(catalog / "joined_files" / "1.5" / "tdx_module_1.5.24.blob")
    assert run.stdout.splitlines()[1:] == [path]
    text = tdxctl(*arguments, "--explain").stdout
    assert "image_cpu_not_listed" in text and "image_passed_over" in text


@pytest.mark.parametrize("policy", ["newest", "smallest-step", "pinned=1.5.24"])
def test_nothing_newer_is_nothing_to_do(on, machine, policy):
    document = on(machine(module="1.5.24"), "select", "--policy", policy)
    assert document["ok"] is True
    assert document["data"]["chosen"] is None and document["data"]["up_to_date"] is True


def test_nothing_newer_is_nothing_to_do_without_the_running_image_too(on, machine):
    data = on(machine(module="1.5.28"), "select")["data"]
    assert data["chosen"] is None and data["up_to_date"] is True


@pytest.mark.parametrize(("options", "policy", "code", "error"), [
    ({"profile": "granite-rapids", "module": "2.0.16"}, "newest", 7, "no_image_fits"),
    ({}, "pinned=1.5.25", 7, "no_image_fits"),
    ({"updates": 0}, "newest", 8, "no_updates_left"),
    ({}, "latest", 2, "usage")])
def test_nothing_fits(on, machine, options, policy, code, error):
    options = {"module": RUNNING, **options}
    assert on(machine(**options), "select", "--policy", policy, code=code)["error"]["id"] == error


def test_a_release_that_is_not_there_and_one_that_is_none_are_named(on, machine):
    name = machine()
    missing = on(name, "select", "--policy", "pinned=1.5.99", code=7)
    assert missing["error"]["message"] == "the catalog has no image of 1.5.99"
    assert missing["data"]["why"] == "no candidate is 1.5.99"
    assert on(name, "select", "--policy", "pinned=abc", code=2)["error"]["message"] == "'abc' is not a version"


def test_strict_insists_on_the_list_of_compatible_releases(on, machine, catalog):
    rows = [release("1.5.20", strict_compat_versions=[RUNNING]), release("1.5.24", strict_compat_versions=[])]
    (catalog / "mapping_file.json").write_text(mapping(*rows))
    name = machine()
    assert on(name, "select")["data"]["chosen"]["version"] == "1.5.24"
    assert on(name, "select", "--strict")["data"]["chosen"]["version"] == "1.5.20"
