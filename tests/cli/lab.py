#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated machine with TDs, and signed images that its module can be updated to.

usage: lab.py TDXCTL DIR

Makes DIR with machine.json, key.pem, and below root/ the images where tdxctl --root DIR/root looks for them."""

import pathlib
import struct
import subprocess
import sys

from images import image_0x200, make_module, make_sigstruct, mapping, public_key, release

OLD, NEW, OTHER = "1.5.24", "1.5.28", "1.5.34"
EMERALD_RAPIDS = 0xC06F2
FEATURES = {OLD: 0xD1326F3F0FBF, NEW: 0x18D1326F3F0FBF, OTHER: 0x15AD9326F3F1FBF | 0x18D1326F3F0FBF}
LPS = 8


def image(version):
    """An image that tells the model which release it is."""
    major, minor, update = map(int, version.split("."))
    module = bytearray(make_module(filling=update))
    # struct seam_image_note of seam/sigstruct.h
    struct.pack_into("<8s5HBBIQ", module, 128, b"SEAMNOTE", major, minor, update, 0, 0, 1, 0, 0, FEATURES[version])
    # Signed after the running one, and with its handoff version.
    sigstruct = make_sigstruct(bytes(module), svn=(1, update), cpu=EMERALD_RAPIDS, module_hv=1)
    return image_0x200(sigstruct, bytes(module))


def lab_in(folder):
    """The paths of machine, key, root, and images by release."""
    root = folder / "root"
    images = root / "var" / "lib" / "tdxctl" / "images" / "joined_files"
    paths = {version: images / f"tdx_module_{version}.blob" for version in (NEW, OTHER)}
    return folder / "machine.json", folder / "key.pem", root, paths


def make_lab(tdxctl, folder):
    machine, key, root, images = lab_in(folder)
    catalog = root / "var" / "lib" / "tdxctl" / "images"
    (catalog / "joined_files").mkdir(parents=True)
    key.write_bytes(public_key())
    (catalog / "mapping_file.json").write_text(mapping(release(OLD), release(NEW), release(OTHER)))
    for version, path in images.items():
        path.write_bytes(image(version))
    options = ["--profile", "emerald-rapids", "--lps", str(LPS), "--tds", "2", "--module", OLD, "--trusted-key", str(key)]
    subprocess.run([tdxctl, "-q", "sim", "create", str(machine), *options], check=True)
    return machine, key, root, images


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make_lab(sys.argv[1], pathlib.Path(sys.argv[2]))
