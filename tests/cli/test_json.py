# SPDX-License-Identifier: MIT
"""What programs read: one object on every path, valid by the shipped schema."""

import json

import jsonschema
import pytest
from conftest import HOSTS, SCHEMAS, validate

VERBS = {
    "status": ["status"],
    "features": ["features"],
    "features-has": ["features", "has", "NO_RBP_MOD"],
    "metadata-list": ["metadata", "list"],
    "metadata-get": ["metadata", "get", "TDX_FEATURES0", "CMR_BASE"],
    "metadata-dump": ["metadata", "dump"],
    "decode": ["decode", "0xc000050500000000", "7"],
    "connect-show": ["connect", "show"],
    "sim-show": ["sim", "show"],
    "version": ["--version"],
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb(sim, name):
    run = sim("--json", *VERBS[name])
    document = run.json()
    assert run.code == 0
    assert run.stderr == ""
    assert document["schema"] == f"tdxctl.{name}/1"
    assert run.stdout.count("\n") == 1


def test_every_schema_belongs_to_a_verb(tdxctl):
    verbs = {line.split()[0] for line in tdxctl("--help").stdout.split("\nVerbs:\n")[1].split("\n\n")[0].splitlines()}
    for path in SCHEMAS.glob("*.json"):
        assert path.stem in ("envelope", "error", "version") or path.stem.split("-")[0] in verbs, path


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schema_is_one_and_is_strict(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    for found in objects(schema):
        assert found["additionalProperties"] is False, found
        assert set(found["required"]) <= set(found["properties"])


def test_the_schema_refuses_what_is_not_promised(sim):
    document = sim("--json", "features").json()
    for spoil in (
        lambda d: d.update(extra=1),
        lambda d: d["data"].update(extra=1),
        lambda d: d["data"]["features"][0].pop("bit"),
        lambda d: d["data"].update(features0=1),
        lambda d: d.update(ok=False),
        lambda d: d.update(driver="auto"),
    ):
        spoiled = json.loads(json.dumps(document))
        spoil(spoiled)
        with pytest.raises(jsonschema.ValidationError):
            validate(spoiled)


def test_json_may_stand_anywhere(sim):
    documents = [
        sim("--json", "features").json(),
        sim("features", "--json").json(),
        sim("features", "--json", "has", "NO_RBP_MOD").json(),
        sim("features", "has", "NO_RBP_MOD", "--json").json(),
    ]
    assert documents[0]["data"] == documents[1]["data"]
    assert documents[2]["data"] == documents[3]["data"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["features", "--nonsense"], ["status", "extra"], ["metadata"], ["metadata", "get"], ["decode"],
     ["decode", "x"], ["decode", "--as", "x", "1"], ["features", "has", "x"], ["metadata", "get", "x"],
     ["--driver", "x", "status"], ["--driver"], ["--root", "/nonexistent", "status"], ["sim", "show", "x"],
     ["sim", "create", "x"], ["sim", "create", "/x.json", "--lps", "many"], ["metadata", "dump", "--method", "x"]],
    ids=" ".join,
)  # fmt: skip
def test_usage_errors_are_json_too(tdxctl, arguments):
    for place in (["--json", *arguments], [*arguments, "--json"]):
        run = tdxctl(*place)
        if place == ["--driver", "--json"]:  # --json is the driver here, and no verb follows
            continue
        document = run.json()
        assert run.code == 2
        assert run.stderr == ""
        assert document["data"] is None
        assert document["error"]["message"]
        assert document["error"]["hint"]


def test_the_log_stays_out_of_standard_output(sim):
    run = sim("--json", "-vvv", "status")
    assert run.json()["schema"] == "tdxctl.status/1"
    assert "tdxctl: info: " in run.stderr


def test_quiet_does_not_silence_json(sim):
    assert sim("-q", "--json", "features").json()["ok"]


def test_a_partial_failure_has_data_and_error(sim):
    run = sim("--json", "metadata", "get", "NUM_CMRS", "0x0A00000300000FFF")
    document = run.json()
    assert run.code == 3
    assert [element["name"] for element in document["data"]["elements"]] == ["NUM_CMRS", None]
    assert document["data"]["elements"][1]["value"] is None
    assert document["error"]["id"] == "field_not_available"
    assert document["error"]["seamcall"]["leaf"] == "TDH.SYS.RD"
    assert document["error"]["seamcall"]["name"] == "TDX_METADATA_FIELD_ID_INCORRECT"


def test_both_ways_to_dump_give_the_same(sim):
    rd = sim("--json", "metadata", "dump", "--method", "rd").json()["data"]
    rdall = sim("--json", "metadata", "dump", "--method", "rdall").json()["data"]
    assert rd["elements"] == rdall["elements"]
    assert rd["count"] == len(rd["elements"]) > 100


def test_features_match_the_metadata(sim):
    features = sim("--json", "features").json()["data"]
    (element,) = sim("--json", "metadata", "get", "TDX_FEATURES0").json()["data"]["elements"]
    assert element["value"] == features["features0"]
    assert element["decoded"] == [each["name"] for each in features["features"] if each["supported"]]


def test_status_names_the_simulated_machine(sim):
    document = sim("--json", "status", machine="sierra-forest").json()
    assert (document["driver"], document["machine"]) == ("sim", "sierra-forest")
    assert document["data"]["tdx"]["presence"] == "ready"


def test_a_real_host_names_no_machine(tdxctl):
    document = tdxctl("--root", str(HOSTS / "tdx-host-7.3"), "--json", "status").json()
    assert (document["driver"], document["machine"]) == ("native", None)
    assert document["data"]["module"]["version"] == "1.5.24"
    assert document["data"]["module"]["version_parts"] == {"major": 1, "minor": 5, "update": 24}
    assert document["data"]["seamldr"]["updates_left"] == 14
    assert document["data"]["platform"]["hkids"] == {"in_use": 3, "total": 63}


def test_every_null_of_status_has_its_reason(tdxctl):
    for host in sorted(path for path in HOSTS.iterdir() if path.is_dir()):
        data = tdxctl("--root", str(host), "--json", "status").json()["data"]
        reasons = {each["fact"] for each in data["not_seen"]}
        nulls = {
            f"{group}.{key}" for group in ("platform", "kernel", "module", "seamldr") for key, value in data[group].items()
            if value is None
        }  # fmt: skip
        derived = {"module.version_parts": "module.version", "module.connect": "module.features0",
                   "seamldr.version_parts": "seamldr.version"}  # fmt: skip
        assert {derived.get(each, each) for each in nulls} == reasons


def test_text_from_outside_cannot_break_the_object(tdxctl):
    run = tdxctl("--json", "decode", 'x"\n\x1b[2J\u00e9')
    assert run.json()["error"]["id"] == "bad_number"
    run = tdxctl("--json", "--driver", "sim=a\"b/\n.json", "features")
    assert run.json()["error"]["id"] == "no_such_machine"
    run = tdxctl("--json", "--driver", b"sim=\xff\xfe/x.json", "features")
    assert run.json()["error"]["id"] == "no_such_machine"
