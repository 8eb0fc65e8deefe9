# SPDX-License-Identifier: MIT
"""Runs the binary named by $TDXCTL, and checks what every run promises."""

import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import tempfile
import termios

import jsonschema
import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = SOURCE / "dist" / "schema"
HOSTS = SOURCE / "tests" / "data" / "hosts"
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
NOBODY = 65534


def binary():
    path = os.environ.get("TDXCTL")
    if not path:
        pytest.exit("set TDXCTL to the binary under test", returncode=2)
    return path


def environment(**changes):
    """A small environment: nothing of the caller's may matter."""
    return {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", **changes}


class Run:
    """What one run printed and how it ended."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.stdout = completed.stdout.decode()
        self.stderr = completed.stderr.decode()

    def json(self):
        """The one object on standard output, valid by the schema that it names."""
        document = json.loads(self.stdout, object_pairs_hook=_without_duplicates)
        validate(document)
        assert document["ok"] == (self.code == 0)
        if not document["ok"]:
            assert document["error"]["exit_code"] == self.code
        return document


def _without_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def validate(document):
    name = re.fullmatch(r"tdxctl\.([a-z-]+)/1", document["schema"]).group(1)
    path = SCHEMAS / f"{name}.json"
    schema = json.loads(path.read_text())
    resolver = jsonschema.RefResolver(path.as_uri(), schema)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(document)


@pytest.fixture
def tdxctl():
    """Runs tdxctl without a terminal."""

    def run(*arguments, stdin=b"", env=None, command=(), **more):
        return Run(
            subprocess.run(
                [*command, binary(), *arguments],
                input=stdin,
                capture_output=True,
                env=environment(**(env or {})),
                timeout=60,
                check=False,
                **more,
            )
        )

    return run


@pytest.fixture
def sim(tdxctl):
    """Runs tdxctl on the default simulated machine."""

    def run(*arguments, machine=None, **more):
        return tdxctl("--driver", f"sim={machine}" if machine else "sim", *arguments, **more)

    return run


@pytest.fixture
def on_terminal():
    """Runs tdxctl with a terminal on standard output; gives what the terminal got, and the exit code."""

    def run(*arguments, columns=0, **env):
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        process = subprocess.Popen(
            [binary(), *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=environment(**env)
        )
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        process.stderr.close()
        return text.decode().replace("\r\n", "\n"), process.wait(timeout=60)

    return run


def answer_on_terminal(answer, *arguments):
    """A run that is asked on a terminal, and answered: its exit code, and what it printed on standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [binary(), *map(str, arguments)], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    os.close(theirs)
    os.write(ours, answer)
    _, stderr = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, stderr.decode()


@pytest.fixture
def as_nobody(tdxctl):
    """Runs tdxctl without privileges, whoever runs the tests. Gives the runner and a directory that it may read."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="tdxctl-test-"))
    directory.chmod(0o755)
    command = ()
    if os.geteuid() == 0:
        command = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all")
    # The build tree may be where nobody may not go.
    copy = directory / "tdxctl"
    shutil.copy(binary(), copy)
    copy.chmod(0o755)

    def run(*arguments):
        return Run(
            subprocess.run(
                [*command, copy, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=environment(),
                cwd="/",
                timeout=60,
                check=False,
            )
        )

    yield run, directory
    shutil.rmtree(directory)


@pytest.fixture
def golden():
    """Compares text with a file in golden/. TDXCTL_UPDATE_GOLDEN=1 writes the file instead."""

    def compare(name, text):
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("TDXCTL_UPDATE_GOLDEN") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert text == path.read_text()

    return compare
