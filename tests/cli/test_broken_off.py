# SPDX-License-Identifier: MIT
"""A run that is killed, or whose disk is full, at any of its steps loses nothing, and the next run gets there."""

import os
import shutil
import subprocess

import pytest
from conftest import binary, environment
from lab import NEW, OLD, lab_in, make_lab

# Whatever makes, changes or removes a file.
CALLS = ["openat", "write", "fsync", "rename", "renameat2", "linkat", "unlink", "mkdir", "fchmod"]
KILLED = "signal=SIGKILL"
DISK_FULL = "error=ENOSPC"


class Lab:
    """A simulated machine and a store; every trial has a copy of its own."""

    def __init__(self, original, folder):
        self.folder = shutil.copytree(original, folder)
        self.machine, self.key, self.root, images = lab_in(folder)
        self.image = images[NEW]

    def command(self, *words):
        return [binary(), "--driver", f"sim={self.machine}", "--root", str(self.root), "--json", "update", *map(str, words)]

    def run(self, *words, inject=None):
        """The exit code; negative where it was killed."""
        command = self.command(*words)
        if inject:
            call = inject.split(":")[0]
            command = ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={inject}", *command]
        # A sanitizer that looks for leaks is a tracer itself.
        env = environment(ASAN_OPTIONS="detect_leaks=0")
        return subprocess.run(command, capture_output=True, env=env, timeout=120, check=False).returncode

    def status(self):
        run = subprocess.run([binary(), "--driver", f"sim={self.machine}", "--json", "status"], capture_output=True, env=environment(), check=True)
        return run.stdout


def staged(lab):
    return (lab.root / "var/lib/tdxctl/staged/manifest.json").exists()


def stage_is_sound(lab):
    assert lab.run("plan", "--key", lab.key) in ((0,) if staged(lab) else (2,))
    assert lab.run("history") == 0


def stage_is_done(lab):
    assert staged(lab)
    names = sorted(path.name for path in (lab.root / "var/lib/tdxctl/staged").iterdir())
    assert len(names) == 2, names
    stage_is_sound(lab)


def has_nameless_files(folder):
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY))
    except OSError:
        return False
    return True


def convert_is_sound(lab):
    if has_nameless_files(lab.folder):
        assert [path.name for path in lab.folder.glob("out*")] in ([], ["out"]), "a killed run leaves nothing beside"
    out = lab.folder / "out"
    if out.exists():
        assert lab.run("verify", "--key", lab.key, out) == 0
    assert lab.run("verify", "--key", lab.key, lab.image) == 0


def convert_is_done(lab):
    assert (lab.folder / "out").exists()
    convert_is_sound(lab)


def wanted_is_sound(lab):
    assert lab.run("wanted") == 0
    assert lab.run("history") == 0


def wanted_is_done(lab):
    assert NEW in (lab.root / "var/lib/tdxctl/wanted").read_text()


def apply_is_sound(lab):
    status = lab.status()
    assert b'"state":"ready"' in status and (OLD.encode() in status or NEW.encode() in status)
    assert b'"in_use":2' in status
    assert lab.run("history") == 0


def apply_is_done(lab):
    apply_is_sound(lab)
    assert f'"version":"{NEW}"'.encode() in lab.status()


VERBS = {
    "stage": (lambda lab: ("stage", "--key", lab.key, lab.image), stage_is_sound, stage_is_done),
    "convert": (lambda lab: ("convert", lab.image, lab.folder / "out"), convert_is_sound, convert_is_done),
    "wanted": (lambda lab: ("wanted", NEW), wanted_is_sound, wanted_is_done),
    "apply": (lambda lab: ("apply", "--yes", "--key", lab.key, lab.image), apply_is_sound, apply_is_done),
}


@pytest.mark.parametrize("how", [KILLED, DISK_FULL])
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_lost_and_the_next_run_gets_there(tmp_path, verb, how):
    words, is_sound, is_done = VERBS[verb]
    trials = 0
    (tmp_path / "original").mkdir()
    make_lab(binary(), tmp_path / "original")
    for call in CALLS:
        nth = 0
        while True:
            nth += 1
            lab = Lab(tmp_path / "original", tmp_path / f"{call}-{nth}")
            before = lab.image.read_bytes()
            ended = lab.run(*words(lab), inject=f"{call}:{how}:when={nth}")
            if ended == 0:
                break  # it makes no call more of this kind, or did as well without it
            trials += 1
            assert ended in (-9, 137) if how == KILLED else 0 < ended < 12, ended
            is_sound(lab)
            assert lab.run(*words(lab)) == 0
            is_done(lab)
            assert lab.image.read_bytes() == before
            shutil.rmtree(lab.folder)
    assert trials >= 3
