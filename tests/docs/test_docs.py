#!/usr/bin/env python3
"""The documents say what the programs do.  Speaks TAP.

Options, statuses, variables, keys, audit actions and metrics are compared both
ways: nothing is missing in the manual, nothing is in it that is not there.
Their examples are run by tests/recipes.
"""

import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
from program import all_tests, event, main, read, run, test, uuid, write     # noqa: E402
import program              # noqa: E402

TOP = os.path.join(HERE, "..", "..")
BUILD = os.path.dirname(program.PROGRAM)
PROGRAMS = ["gcpresence"] + ["gcpresence-" + name for name in ("sim", "users", "top", "report")]


def text_of(*names):
    return read(os.path.join(TOP, *names[:-1]), names[-1])


def source(name):
    """A page as it is written."""
    return text_of("man", name)


def section(page, title):
    found = re.search(r'^\.Sh "?%s"?\n(.*?)(?=^\.Sh |\Z)' % title, source(page), re.M | re.S)
    assert found, "%s has no section %s" % (page, title)
    return found[1]


def items(text, macro):
    """What stands behind a macro in the heads of lists: .It Ev A , B"""
    heads = re.findall(r"^\.It (%s .*)$" % macro, text, re.M)
    return [word for head in heads for word in re.split(r" *, *(?:%s )?" % macro, head[len(macro) + 1:])]


def same(got, want, what):
    got, want = list(got), list(want)
    missing, more = set(want) - set(got), set(got) - set(want)
    assert not missing and not more, "%s: not in the manual: %s; only there: %s" % (
        what, sorted(missing), sorted(more))
    assert len(got) == len(set(got)), "%s: twice in the manual: %s" % (what, [x for x in got if got.count(x) > 1])


def help_of(name):
    done = subprocess.run([os.path.join(BUILD, name), "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done
    return done.stdout


def options_of_help(name):
    """{long: (short, whether it takes a value)}"""
    found = re.findall(r"^  (?:-(\w), |    )--([\w-]+)( [^\s]+)?", help_of(name), re.M)
    return {long: (short or None, bool(value)) for short, long, value in found}


def options_of_page(name):
    options = {}
    for head in re.findall(r"^\.It (Fl .*)$", section(name + ".1", "DESCRIPTION"), re.M):
        for part in re.findall(r"(?:Fl (\w) , )?(?:Fl )?-([a-z][\w-]+)((?: (?:Ar|Cm) \S+)?)", head):
            assert part[1] not in options, "--%s is twice in %s.1" % (part[1], name)
            options[part[1]] = (part[0] or None, bool(part[2]))
    return options


@test
def options_of_help_and_manual_agree_for_every_program(folder):
    seen = 0
    for name in PROGRAMS:
        if not source(name + ".1"):
            continue
        want, got = options_of_help(name), options_of_page(name)
        assert len(want) > 4
        same(got, want, name)
        for long in want:
            assert got[long] == want[long], "%s --%s: %s in the manual, %s in the help" % (
                name, long, got[long], want[long])
        seen += 1
    assert seen >= 2


@test
def options_are_in_alphabetical_order_in_the_manual(folder):
    names = list(options_of_page("gcpresence"))
    assert names == sorted(names), [b for a, b in zip(names, names[1:]) if a > b]


@test
def defaults_of_the_help_are_in_the_manual(folder):
    page = section("gcpresence.1", "DESCRIPTION")
    entries = re.split(r"^  (?:-\w, |    )--", help_of("gcpresence"), flags=re.M)[1:]
    defaults = [(entry.split()[0], re.search(r"\(default:\s+([\w.-]+)\)", entry)) for entry in entries]
    for long, value in [(long, found[1]) for long, found in defaults if found]:
        found = re.search(r"^\.It Fl (?:\w , Fl )?-%s .*?(?=^\.It |^\.El)" % long, page, re.M | re.S)
        assert re.search(r"\b%s\b" % re.escape(value), found[0]), "--%s: default %s is not in:\n%s" % (
            long, value, found[0])


@test
def statuses_of_the_contract_are_in_the_manual(folder):
    got = re.findall(r"^\.It (\d+)$", section("gcpresence.1", "EXIT STATUS"), re.M)
    same(got, "0 1 64 65 66 69 70 74 75 77 78".split(), "statuses")
    # And no other one is in the sources.
    names = dict(OK=0, USAGE=64, DATAERR=65, NOINPUT=66, UNAVAILABLE=69, SOFTWARE=70, IOERR=74, TEMPFAIL=75,
                 NOPERM=77, CONFIG=78)
    used = re.findall(r"= (EX_(\w+)|\d+),", text_of("src", "status.c"))
    same(got, {str(names[name]) if name else number for number, name in used}, "statuses")


@test
def variables_are_in_the_manual(folder):
    got = items(section("gcpresence.1", "ENVIRONMENT"), "Ev")
    settings = re.findall(r"\[\$(\w+)\]", help_of("gcpresence"))
    same([name for name in got if name.startswith(("GENESYS", "GCP"))], settings, "variables of settings")
    for path in glob.glob(os.path.join(TOP, "src", "*.c")):
        for name in re.findall(r'getenv\("(\w+)"', read(TOP, path)):
            assert name in got, "%s reads $%s" % (path, name)
    for name in re.findall(r'"(\w+_(?:proxy|PROXY))"', text_of("src", "proxy.c")):
        assert name in got, "proxy.c reads $%s" % name


@test
def keys_of_a_line_are_in_the_manual_in_their_order(folder):
    schema = json.loads(text_of("share", "change.schema.json"))
    got = items(section("gcpresence.1", "OUTPUT"), "Li")
    assert got == list(schema["properties"]), (got, list(schema["properties"]))
    done = run(folder, "--replay", "-", "-o", "tsv", text="").is_(0)
    assert got == done.out.rstrip("\n").split("\t"), done.out
    write(folder, "rec", event("a", "BUSY", 1))
    assert list(run(folder, "--replay", "rec").changes()[0]) == [k for k in got if k not in ("name", "coalesced")]


@test
def values_of_source_are_in_the_manual(folder):
    words = re.findall(r'\[PRESENCE_\w+\] = "(\w+)"', text_of("src", "presence.c"))
    found = re.search(r"^\.It Li source\n(.*?)^\.It", section("gcpresence.1", "OUTPUT"), re.M | re.S)
    assert len(words) == 3
    for word in words:
        assert re.search(r"^\.Li %s\b" % word, found[1], re.M), word


@test
def states_that_are_known_are_in_the_manual(folder):
    found = re.search(r"^\.It Li state\n(.*?)^\.It", section("gcpresence.1", "OUTPUT"), re.M | re.S)
    same(re.findall(r"\.Li ([A-Z_]+)", found[1]), "AVAILABLE AWAY BREAK BUSY IDLE MEAL MEETING OFFLINE ON_QUEUE "
         "TRAINING".split(), "states")


@test
def audit_actions_are_in_the_manual(folder):
    want = set()
    for path in glob.glob(os.path.join(TOP, "src", "*.c")):
        text = read(TOP, path)
        if '#include "audit.h"' in text:
            want |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', text))
    same(re.findall(r"^\.Li ([A-Z]+(?:_[A-Z]+)+)", section("gcpresence.1", "FILES"), re.M), want, "audit actions")


@test
def metrics_are_in_the_manual(folder):
    write(folder, "rec", event("a", "BUSY", 1))
    run(folder, "--replay", "rec", "--metrics", "m").is_(0)
    want = re.findall(r"^# TYPE (\w+)", read(folder, "m"), re.M) + ["gcpresence_token_expiry_timestamp_seconds"]
    page = section("gcpresence.1", "METRICS")
    same(["gcpresence_" + name.partition(" ")[0] for name in items(page, "Li")], want, "metrics")
    for name, label, value in re.findall(r'^gcpresence_(\w+)\{(\w+)="(.*?)"', read(folder, "m"), re.M):
        if label == "le":
            continue
        found = re.search(r"^\.It Li %s\n(.*?)(?=^\.It|^\.El)" % name, page, re.M | re.S)
        assert found and "Li " + label in found[1], "%s{%s}" % (name, label)
        assert label in ("version", "source") or "Li " + value in found[1], "%s{%s=%s}" % (name, label, value)


# Values that are good for an option, by the name of its argument.
SAMPLES = {"NAME": "x", "FILE": "x", "ID": "x", "URL": "http://127.0.0.1:1", "TIME": "20", "N": "20", "BYTES": "64M",
           "STATES": "BUSY", "K/N": "0/1", None: "true", "auto|notifications|events": "auto", "ndjson|tsv": "ndjson",
           "text|json": "text"}


@test
def keys_of_yaml_are_accepted_and_in_its_manual(folder):
    accepted = []
    arguments = re.findall(r"^  (?:-\w, |    )--([\w-]+)(?: ([^\s]+))?", help_of("gcpresence"), re.M)
    for long, argument in arguments:
        key = long.replace("-", "_")
        value = {"region": "eu-central-1", "protocol": "auto", "format": "ndjson", "log-format": "text",
                 "cacert": "/dev/null"}.get(long, SAMPLES.get(argument or None, "x"))
        write(folder, "x.yaml", "%s: %s" % (key, value), "users: [%s]" % uuid(1))
        done = run(folder, "-f", "x.yaml", "--plan")
        if "unknown setting" in done.err:
            assert done.status == 78, done.err
            continue
        # These make no plan, but are known.
        assert done.status == 0 or long in ("replay", "cacert"), (long, done.status, done.err)
        accepted.append(key)
    page = re.search(r"written\n(.*?)^Flags are", source("gcpresence.yaml.5"), re.M | re.S)[1]
    same([key for key in re.findall(r"^\.Cm (\w+)", page, re.M)], accepted, "keys")
    for long, _ in arguments:
        if long.replace("-", "_") not in accepted:
            assert long in ("file", "check", "plan", "list-regions", "help", "version"), long


@test
def pages_that_are_named_exist(folder):
    pages = {os.path.basename(path) for path in glob.glob(os.path.join(TOP, "man", "*.[1-8]"))}
    for page in pages:
        for name, number in re.findall(r"^\.Xr (gcpresence\S*) (\d)", source(page), re.M):
            assert "%s.%s" % (name, number) in pages, "%s names %s(%s)" % (page, name, number)
    for name in re.findall(r"`man (gcpresence\S*)`", text_of("README.md")):
        assert any(page.rpartition(".")[0] == name for page in pages), name


@test
def sections_that_are_referred_to_exist(folder):
    for path in glob.glob(os.path.join(TOP, "man", "*.[1-8]")):
        text = read(TOP, path)
        titles = {title.strip('"') for title in re.findall(r"^\.S[hs] (.+)$", text, re.M)}
        for title in re.findall(r"^\.Sx (.+?)(?: [.,:;])*$", text, re.M):
            assert title.strip('"') in titles, "%s: %s" % (os.path.basename(path), title)


@test
def options_that_the_documents_name_exist(folder):
    known = {long for name in PROGRAMS for long in options_of_help(name)}
    for name in ["README.md"] + [os.path.join("man", page) for page in ("gcpresence.1", "gcpresence.yaml.5")]:
        text = text_of(name)
        named = re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text) + re.findall(r"^\.Fl -([a-z-]+)", text, re.M)
        # Of make's and scripts' there are none in them.
        assert set(named) <= known, "%s: %s" % (name, set(named) - known)


def fenced(text, language):
    """The blocks of a README in a language, as they would be pasted."""
    blocks = re.findall(r"^( *)```%s\n(.*?)^ *```$" % language, text, re.M | re.S)
    return ["".join(line[len(indent):] + "\n" for line in block.splitlines()) for indent, block in blocks]


def displays(page, title="EXAMPLES"):
    """The displays of a page's section, as they would be pasted."""
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", section(page, title), re.M | re.S)
    return [block.replace("\\e", "\\").replace("\\&", "").replace("\\(mi", "-") for block in blocks]


@test
def yaml_of_readme_and_manual_is_a_team(folder):
    blocks = fenced(text_of("README.md"), "yaml") + displays("gcpresence.yaml.5")
    assert len(blocks) >= 3
    for block in blocks:
        write(folder, "team.yaml", block)
        done = run(folder, "--plan", "-f", "team.yaml").is_(0)
        assert done.err == "" and re.search(r"^users +[1-9]", done.out, re.M), done.out + done.err


@test
def complaints_of_the_manuals_come_in_these_words(folder):
    """DIAGNOSTICS quotes what the program says."""
    write(folder, "team.yaml", *["" for _ in range(11)], "  - ''")
    said = re.findall(r"^\.Dl (gcpresence: .*)$", section("gcpresence.1", "DIAGNOSTICS"), re.M)
    assert said == ["gcpresence: warning: team.yaml:12:5: user id is empty; skipped"], said
    assert run(folder, "-f", "team.yaml", "--plan").err.startswith(said[0] + "\n")
    write(folder, "team.yaml", "", "", "regoin: x")
    said = re.findall(r"^\.Dl (gcpresence: .*)$", section("gcpresence.yaml.5", "DIAGNOSTICS"), re.M)
    assert run(folder, "-f", "team.yaml", "--plan").is_(78).err == said[0] + "\n"


if __name__ == "__main__":
    sys.exit(main(all_tests(globals()), sys.argv[1:]))
