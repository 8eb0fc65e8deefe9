#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Counts the results of the rungs and prints what failed and what was skipped, and why.

usage: count_results.py DIRECTORY RUNG...

A rung has left RUNG.xml or RUNG.N.xml (JUnit), or RUNG.tap ("WHERE: ok - name", "not ok - name: why", "skip - name: why"; "WHERE: # text"
says more about the last of the same WHERE). A rung without results, or with none in them, counts as one failure: silence
is no success.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


def junit(path):
    """Yields (outcome, name, reason) for each test case."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f'{case.get("classname", "")} {case.get("name")}'.strip()
        skipped = case.find("skipped")
        broken = case.find("failure")
        if broken is None:
            broken = case.find("error")
        if broken is not None or case.get("status") == "fail":
            reason = "" if broken is None else broken.get("message") or broken.text or ""
            output = case.findtext("system-out") or ""
            yield "failed", name, f"{reason}\n{output}".strip()
        elif skipped is not None or case.get("status") in ("notrun", "disabled"):
            yield "skipped", name, "" if skipped is None else skipped.get("message") or ""
        else:
            yield "passed", name, ""


TAP_LINE = re.compile(r"(?P<where>[^:#]*: )?(?P<word>ok|not ok|skip) - (?P<name>.*?)(: (?P<reason>.*))?$")
TAP_COMMENT = re.compile(r"(?P<where>[^:#]*: )?# (?P<text>.*)$")
TAP_OUTCOMES = {"ok": "passed", "not ok": "failed", "skip": "skipped"}


def tap(path):
    results = []
    last = {}  # of each WHERE, whose lines may be mixed
    for line in path.read_text(errors="replace").splitlines():
        if found := TAP_LINE.match(line):
            where = found["where"] or ""
            last[where] = [TAP_OUTCOMES[found["word"]], where + found["name"], found["reason"] or ""]
            results.append(last[where])
        elif (found := TAP_COMMENT.match(line)) and (found["where"] or "") in last:
            last[found["where"] or ""][2] += "\n    " + found["text"]
    return results


def results_of(directory, rung):
    found = []
    paths = sorted(path for path in directory.iterdir() if path.name.split(".")[0] == rung)
    for path in paths:
        try:
            found += list({".xml": junit, ".tap": tap}.get(path.suffix, lambda _: [])(path))
        except ElementTree.ParseError as error:
            found.append(("failed", path.name, f"not readable: {error}"))
    return found or [("failed", rung, "no results")]


def main():
    directory = pathlib.Path(sys.argv[1])
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for rung in sys.argv[2:]:
        counts = dict.fromkeys(totals, 0)
        for outcome, name, reason in results_of(directory, rung):
            counts[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {rung}: {name}{': ' if reason else ''}{reason[:4000]}")
        print(f"{rung}:", ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
        for outcome in totals:
            totals[outcome] += counts[outcome]
    closing = f"{totals['passed']} passed, {totals['failed']} failed"
    if totals["skipped"]:
        closing += f", {totals['skipped']} skipped"
    print(closing)
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
