#!/usr/bin/env python3
"""The software bill of materials, against the specification of SPDX 2.3 and
against what the programs are really linked with.

    test_sbom.py [TEXT]         all tests, or those whose names contain TEXT
"""

import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Skip, check, run_all, same, test  # noqa: E402

BUILD = os.path.abspath(os.environ.get("builddir", "."))
SOURCE = os.environ.get("srcdir", ".")
BILL = os.path.join(BUILD, "gcpresence.spdx.json")
NAMES = ["", "-users", "-top", "-report", "-sim"]
PROGRAMS = [os.path.join(BUILD, f"gcpresence{name}") for name in NAMES]
# What a program says that it needs, and whose that is.
OWNERS = {
    r"libwebsockets\.so": "libwebsockets",
    r"libcurl\.so": "libcurl",
    r"libjson-c\.so": "json-c",
    r"libyaml-0\.so": "libyaml",
    r"lib(ssl|crypto)\.so": "OpenSSL",
    r"libsmartcols\.so": "libsmartcols",
    r"lib(ncursesw|tinfo)\.so": "ncurses",
    r"libsystemd\.so": "libsystemd",
    r"libseccomp\.so": "libseccomp",
    r"(lib(c|m|pthread|rt|dl)|ld-linux.*)\.so": "glibc",
}
# The compiler's, and what a sanitizer needs.
COMPILER = r"lib(gcc_s|asan|ubsan|tsan|lsan|atomic|stdc\+\+)\.so"


def bill():
    with open(BILL, encoding="utf-8") as file:
        return json.load(file)


def libraries():
    return [p for p in bill()["packages"] if p["primaryPackagePurpose"] == "LIBRARY"]


def needed(program):
    if shutil.which("readelf") is None:
        raise Skip("readelf is not installed")
    text = subprocess.run(
        ["readelf", "--dynamic", program], capture_output=True, text=True, check=True
    ).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text)


@test("the bill has every library that a program is linked with, and no other")
def complete():
    owners = set()
    for program in PROGRAMS:
        for name in needed(program):
            if re.match(COMPILER, name):
                continue
            found = [who for what, who in OWNERS.items() if re.match(what, name)]
            check(found, f"{program} needs {name}, which is nobody's")
            owners.update(found)
    same({library["name"] for library in libraries()}, owners, "libraries")


@test("the versions are those that pkg-config has")
def versions():
    modules = {"libcurl": "libcurl", "OpenSSL": "openssl", "libyaml": "yaml-0.1"}
    for library in libraries():
        module = modules.get(library["name"])
        if module is None:
            continue
        done = subprocess.run(
            [os.environ.get("PKG_CONFIG", "pkg-config"), "--modversion", module],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Skip(f"pkg-config does not know {module}")
        same(library["versionInfo"], done.stdout.strip(), library["name"])


@test("a document has the fields that SPDX 2.3 asks for")
def document_fields():
    document = bill()
    same(document["spdxVersion"], "SPDX-2.3", "version")
    same(document["dataLicense"], "CC0-1.0", "licence of the data")
    same(document["SPDXID"], "SPDXRef-DOCUMENT", "ID")
    check(re.fullmatch(r"https://[^#]+", document["documentNamespace"]), document)
    creation = document["creationInfo"]
    check(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", creation["created"]), creation
    )
    for creator in creation["creators"]:
        check(re.match(r"(Person|Organization|Tool): \S", creator), creator)


@test("so has each package, with a version and a licence that are no guess")
def package_fields():
    packages = bill()["packages"]
    ids = [package["SPDXID"] for package in packages]
    same(len(ids), len(set(ids)), "IDs that differ")
    for package in packages:
        check(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"]), package)
        check(re.match(r"\d+(\.\d+)*$", package["versionInfo"]), package)
        check(
            re.fullmatch(r"[A-Za-z0-9.-]+", package["licenseConcluded"])
            and package["licenseConcluded"] not in ("NOASSERTION", "NONE"),
            package,
        )
        same(package["filesAnalyzed"], False, "files are listed")
        check("downloadLocation" in package and "copyrightText" in package, package)
        for reference in package["externalRefs"]:
            same(reference["referenceType"], "purl", "type")
            check(reference["referenceLocator"].startswith("pkg:"), reference)


@test("the document describes the program, which links each library")
def relationships():
    found = [
        (r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"])
        for r in bill()["relationships"]
    ]
    program = "SPDXRef-gcpresence"
    wanted = [("SPDXRef-DOCUMENT", "DESCRIBES", program)] + [
        (program, "DYNAMIC_LINK", library["SPDXID"]) for library in libraries()
    ]
    same(found, wanted, "relationships")


@test("jq reads the bill, and says which licences are in it")
def jq_reads_it():
    jq = shutil.which("jq")
    if jq is None:
        raise Skip("jq is not installed")
    done = subprocess.run(
        [jq, "-er", '.packages[] | select(.name == "gcpresence").licenseConcluded', BILL],
        capture_output=True,
        text=True,
        check=False,
    )
    same((done.returncode, done.stdout), (0, "MIT\n"), done.stderr)


@test("the same build has the same bill, of the time that it is told")
def reproducible():
    def make(**more):
        words = [os.path.join(SOURCE, "configure.ac"), "libcurl=7.88.1=curl"]
        env = {"PATH": os.environ["PATH"], **more}
        return subprocess.run(
            ["sh", os.path.join(SOURCE, "share/sbom/sbom"), "1.0", *words],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    same(make(), make(), "of the time of the sources")
    told = json.loads(make(SOURCE_DATE_EPOCH="1767225600"))
    same(told["creationInfo"]["created"], "2026-01-01T00:00:00Z", "time")


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
