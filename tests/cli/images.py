# SPDX-License-Identifier: MIT
"""Module images and lists of releases, made and signed here with a key that exists for this alone."""

import functools
import hashlib
import json
import pathlib
import struct
import subprocess

KEY = pathlib.Path(__file__).resolve().parents[1] / "data" / "images" / "test-only-signing-key.pem"
PAGE = 4096
MODULE_PAGES = 5
SAPPHIRE_RAPIDS, GRANITE_RAPIDS = 0x806F8, 0xA06D1


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, check=True).stdout


@functools.cache
def public_key():
    return openssl("pkey", "-in", str(KEY), "-pubout")


@functools.cache
def modulus():
    return bytes.fromhex(openssl("rsa", "-in", str(KEY), "-noout", "-modulus").decode().strip().split("=")[1])


def key_hash():
    """What the key is known by."""
    return hashlib.sha384(modulus()[::-1]).hexdigest()


def make_module(pages=MODULE_PAGES, filling=167, relocations=0):
    """An ELF file with nothing but relocations: enough for every rule about modules."""
    sections = (64, 64, 1) if relocations else (0, 64, 0)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 62, 1, 0x3000, 0, sections[0], 0, 64, 0, 0,
                         sections[1], sections[2], 0)  # fmt: skip
    if relocations:
        header += struct.pack("<IIQQQQIIQQ", 0, 4, 0, PAGE, PAGE, 24 * relocations, 0, 0, 8, 24)
    table = b"".join(struct.pack("<QQQ", 0x3000 + 8 * i, 8, 0x3000 + i) for i in range(relocations))
    body = bytes(i * filling % 256 for i in range(PAGE)) * (pages - 1)
    return header.ljust(PAGE, b"\0") + table + body[len(table) :]


def make_sigstruct(module, module_type=0, svn=(1, 5), cpu=SAPPHIRE_RAPIDS, date=0x20240129, module_hv=0, more_cpus=()):
    header = struct.pack("<10I88x", 6, 0xE1, 0x10000, module_type, 0x8086, date, 0x200, 0x60, 0x60, 1)
    body = hashlib.sha384(module).digest()
    body += struct.pack("<BBQIBBHH", svn[1], svn[0], 0, 0x3000, 1, 1, 127, 21)
    body += bytes(16) + struct.pack("<HHBBHII", module_hv, 0, 0, 0, 13, 0x1000, 0x3100) + bytes(24)
    cpus = (cpu, *more_cpus)
    body += struct.pack(f"<{1 + len(cpus)}I", len(cpus), *cpus).ljust(4 + 255 * 4, b"\0")
    signature = openssl("dgst", "-sha384", "-sign", str(KEY), data=header + body)
    sigstruct = header + modulus()[::-1] + struct.pack("<I", 65537) + signature[::-1] + body
    assert len(sigstruct) == 2048
    return sigstruct


def seal(container):
    words = struct.unpack(f"<{len(container) // 2}H", container[:2] + bytes(2) + container[4:])
    return container[:2] + struct.pack("<H", -sum(words) & 0xFFFF) + container[4:]


def blob(sigstruct, module):
    header = struct.pack("<HHI8sI", 0x100, 0, 2 * PAGE, b"TDX-BLOB", 2 * PAGE + len(module))
    return seal(header.ljust(PAGE, b"\0") + sigstruct.ljust(PAGE, b"\0") + module)


def image_0x200(sigstruct, module):
    header = struct.pack("<HH8sII", 0x200, 0, b"TDX-BLOB", 1, len(module) // PAGE)
    return seal(header.ljust(PAGE, b"\0") + sigstruct.ljust(PAGE, b"\0") + module)


@functools.cache
def release_blob(filling, svn=(1, 5), cpu=SAPPHIRE_RAPIDS):
    """An image that is that of no other release."""
    module = make_module(filling=filling)
    return blob(make_sigstruct(module, svn=svn, cpu=cpu), module)


def release(version, minimum="1.5.01", seamldr=("1.5.00", "2.0.00"), features="0xffffffffffffffff", **more):
    """A row of a list of releases."""
    return {
        "version": version,
        "min_module_version_for_td_preserving": minimum,
        "min_seamldr_versions": list(seamldr),
        "tdx_feature0": features,
        **more,
    }


def mapping(*releases):
    return json.dumps({"Header": {"Version": "1.0"}, "tdx_module_releases": releases})
