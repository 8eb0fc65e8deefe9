# SPDX-License-Identifier: MIT
"""Every row of the published tables is known to the program, and nothing else is made up."""

import json

import pytest
from conftest import SOURCE

ABI = SOURCE / "tests" / "data" / "abi"
BATCH = 100


def rows(name):
    return json.loads((ABI / name).read_text())


def decode(tdxctl, kind, words):
    """The best reading of each word."""
    readings = []
    for start in range(0, len(words), BATCH):
        run = tdxctl("--json", "decode", "--as", kind, *words[start : start + BATCH])
        assert run.code == 0
        readings += [number["readings"][0]["decoded"] for number in run.json()["data"]["numbers"]]
    return readings


@pytest.mark.parametrize(
    ("interfaces", "kind"),
    [({"tdx-module", "software"}, "status"), ({"p-seamldr"}, "seamldr-status"), ({"np-seamldr"}, "np-seamldr-status")],
)
def test_every_status(tdxctl, interfaces, kind):
    codes = [row for row in rows("status-codes.json") if row["interface"] in interfaces]
    assert codes
    for row, decoded in zip(codes, decode(tdxctl, kind, [row["value"] for row in codes]), strict=True):
        assert decoded["known"], row
        assert row["name"] in (decoded["name"], decoded["alias"]), row
        assert decoded["meaning"] == row["meaning"]


def test_every_leaf(tdxctl):
    leaves = [row for row in rows("seamcall-leaves.json") if row["interface"] in ("tdx-module", "p-seamldr")]
    words = [str(row["leaf"]) for row in leaves]
    for row, decoded in zip(leaves, decode(tdxctl, "rax", words), strict=True):
        assert row["name"] in [leaf["name"] for leaf in decoded["leaves"]], row


def test_every_field(tdxctl):
    fields = rows("global-metadata.json")
    for row, decoded in zip(fields, decode(tdxctl, "field", [row["field_id"] for row in fields]), strict=True):
        assert decoded["known"], row
        names = {row["name"], *row["aliases"]}
        newer = {each["name"] for each in fields if each["class_code"] == row["class_code"]
                 and each["field_code"] == row["field_code"]}  # fmt: skip
        assert decoded["name"].split("[")[0] in names | newer, row


def test_every_feature_bit(tdxctl):
    features = rows("features0.json")
    for row, decoded in zip(features, decode(tdxctl, "features", [row["mask"] for row in features]), strict=True):
        (bit,) = decoded["bits"]
        assert bit["bit"] == row["bit"]
        assert decoded["known"] == (not row["reserved"])
        assert bit["name"] == (None if row["reserved"] else row["name"])


@pytest.mark.parametrize(
    ("word", "kind"),
    [("td_attributes", "attributes"), ("xfam", "xfam"), ("config_flags", "config-flags"), ("td_ctls", "td-ctls"),
     ("sys_attributes", "sys-attributes")],
)  # fmt: skip
def test_every_named_bit(tdxctl, word, kind):
    named = rows("attributes-xfam.json")[word]["bits"]
    for row, decoded in zip(named, decode(tdxctl, kind, [row["mask"] for row in named]), strict=True):
        assert [(bit["bit"], bit["name"]) for bit in decoded["bits"]] == [(row["bit"], row["name"])]


def test_every_bit_of_an_unknown_status_is_shown(tdxctl):
    (decoded,) = decode(tdxctl, "status", ["0xf123abcd89abcdef"])
    assert not decoded["known"]
    assert decoded["name"] is None
    assert decoded["layout"] == {
        "error": True, "non_recoverable": True, "fatal": True, "host_recoverability_hint": True, "reserved": "0x123",
        "class_code": 0xAB, "class_name": None, "details_l1": 0xCD, "details_l2": "0x89abcdef",
    }  # fmt: skip


def test_the_interface_that_was_called_decides(tdxctl):
    word = "0x8000000000000003"
    (module,) = decode(tdxctl, "status", [word])
    (loader,) = decode(tdxctl, "seamldr-status", [word])
    assert module["name"] != loader["name"]
    assert (module["interface"], loader["interface"]) == ("tdx-module", "p-seamldr")


@pytest.mark.parametrize("value", ["", "x", "0x", "1.5", "-1", "0x10000000000000000", "99999999999999999999", "0xg", "ff", "1 2"])
def test_what_is_no_number_is_a_usage_error(tdxctl, value):
    for arguments in (["decode", "--", value], ["decode", "0x22", "--", value]):
        run = tdxctl(*arguments)
        assert run.code == 2
        assert run.stdout == ""
        assert run.stderr.startswith("tdxctl: ")


def test_numbers_may_be_written_in_several_ways(tdxctl):
    words = {number["readings"][0]["decoded"]["word"] for number in
             tdxctl("--json", "decode", "34", "0x22", "0X22", "0x0000_0022").json()["data"]["numbers"]}  # fmt: skip
    assert words == {"0x0000000000000022"}


def test_numbers_of_text_have_their_line(tdxctl):
    text = b"nothing\nSEAMCALL (0x21) failed: 0xc000050500000000\n\n  0x8000020300000000\n"
    document = tdxctl("--json", "decode", "-", stdin=text).json()
    found = [(n["line"], n["column"], n["input"], n["readings"][0]["decoded"]["kind"]) for n in document["data"]["numbers"]]
    assert found == [(2, 11, "0x21", "rax"), (2, 25, "0xc000050500000000", "status"), (4, 3, "0x8000020300000000", "status")]
    assert document["warnings"] == []


def test_text_without_numbers_is_said_and_is_no_error(tdxctl):
    run = tdxctl("decode", "-", stdin=b"all is well\n")
    assert (run.code, run.stdout) == (0, "")
    assert run.stderr == "tdxctl: warning: standard input has no number that TDX explains\n"
    document = tdxctl("--json", "decode", "-", stdin=b"").json()
    assert [warning["id"] for warning in document["warnings"]] == ["nothing_found"]


def test_text_may_hold_any_bytes(tdxctl):
    noise = bytes(range(256)) * 64 + b" SEAMCALL failed: 0xc000050500000000 \xff\x00\x1b[2J\n"
    run = tdxctl("decode", "-", stdin=noise)
    assert run.code == 0
    assert "TDX_SYS_NOT_READY" in run.stdout
    assert "\x1b" not in run.stdout
    tdxctl("--json", "decode", "-", stdin=noise).json()


def test_a_flood_of_numbers_is_cut_and_said(tdxctl):
    run = tdxctl("--json", "decode", "-", stdin=b"0xc000050500000000\n" * 10_001)
    document = json.loads(run.stdout)  # as its smaller sisters; the validator would take seconds
    assert run.code == 0
    assert len(document["data"]["numbers"]) == 10_000
    assert [warning["id"] for warning in document["warnings"]] == ["findings_truncated"]


def test_values_and_text_can_be_mixed(tdxctl):
    numbers = tdxctl("--json", "decode", "0x22", "-", stdin=b"failed: 0xc000050500000000").json()["data"]["numbers"]
    assert [number["line"] for number in numbers] == [None, 1]
