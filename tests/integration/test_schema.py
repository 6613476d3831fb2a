#!/usr/bin/env python3
"""The JSON Schema of the YAML file, held against the program: what the one
takes, the other takes.

    test_schema.py [TEXT]       all tests, or those whose names contain TEXT
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Skip, check, run_all, same, test  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None

PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
SOURCE = os.environ.get("srcdir", ".")
CASES = os.path.join(HERE, "..", "e2e", "cases")
with open(os.path.join(SOURCE, "share", "team.schema.json"), encoding="utf-8") as schema:
    SCHEMA = json.load(schema)
KEYS = dict(SCHEMA["definitions"]["settings"]["properties"])
USERS = KEYS.pop("users")
KINDS = {"N": "integer", "TIME": "#/definitions/time", "BYTES": "#/definitions/bytes", "": "boolean"}


def plan(text):
    """What the program says of a file, connecting to nothing; and its status."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "team.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run(
            [PROGRAM, "-f", path, "--plan"],
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    return done.returncode, done.stderr


def options():
    """The long options, each with its argument or ''."""
    done = subprocess.run(
        [PROGRAM, "--help"], capture_output=True, text=True, check=True
    )
    text = done.stdout.split("\noptions:\n")[1]
    return dict(re.findall(r"(?m)^ {2}(?:-., | {4})--([a-z-]+)(?: (\S+))?", text))


def settings():
    """The keys that the program knows in a file, with their arguments."""
    known = {}
    for name, argument in options().items():
        key = name.replace("-", "_")
        said = plan(f"{key}: []\n")[1]
        if "unknown setting" not in said:
            check("takes one plain value" in said, said)
            known[key] = argument
    return known


@test("the schema is a schema")
def schema_is_one():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@test("the schema has the settings that a file may have, each with its type")
def schema_has_all_settings():
    known = settings()
    check(len(known) > 20, f"settings are found: {known}")
    same(set(KEYS), set(known), "keys")
    for key, argument in known.items():
        row = KEYS[key]
        if "|" in argument:
            same(row["enum"], argument.split("|"), key)
            continue
        kind = row["allOf"][0]["$ref"] if "allOf" in row else row["type"]
        same(kind, KINDS.get(argument, "string"), key)
        check(len(row["description"]) > 8, f"{key} is described")


@test("the schema's limits are the program's")
def schema_has_the_limits():
    for key, row in KEYS.items():
        if "minimum" not in row:
            continue
        step = 0.001 if row.get("allOf", [{}])[0].get("$ref", "").endswith("time") else 1
        low, high = row["minimum"], row.get("maximum")
        for value in [low] + ([high] if high else []):
            check("out of range" not in plan(f"{key}: {value}\n")[1], f"{key}: {value}")
        below = f"{low - step:g}"
        for value in [below] + ([f"{high + 1}"] if high else []):
            status, said = plan(f"{key}: {value}\n")
            same(status, 78, f"{key}: {value}")
            check("out of range" in said or "is not" in said, said)


@test("the schema's defaults are those of the help")
def schema_has_the_defaults():
    done = subprocess.run(
        [PROGRAM, "--help"], capture_output=True, text=True, check=True
    )
    rows = re.split(r"(?m)^ {2}(?:-., | {4})--", done.stdout)[1:]
    told = {}
    for row in rows:
        default = re.search(r"\(default:\s+([\w.-]+)\)", row)
        if default:
            told[re.match(r"[a-z-]+", row)[0].replace("-", "_")] = default[1]
    same({k: str(r["default"]) for k, r in KEYS.items() if "default" in r}, told)


if yaml:

    class Loader(yaml.SafeLoader):
        """YAML 1.2, as editors read it, without what no such file needs."""

        def compose_node(self, parent, index):
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias")
            if getattr(self.peek_event(), "tag", None):
                raise yaml.YAMLError("a tag")
            return super().compose_node(parent, index)

        def construct_mapping(self, node, deep=False):
            keys = [self.construct_object(key) for key, _ in node.value]
            if len(keys) != len(set(keys)):
                raise yaml.YAMLError("the same key twice")
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {}
    for pattern, tag, first in (
        (r"true|True|TRUE|false|False|FALSE", "bool", "tTfF"),
        (r"~|null|Null|NULL|", "null", "~nN\0"),
        (r"[-+]?[0-9]+", "int", "-+0123456789"),
        (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "float", "-+.0123456789"),
    ):
        Loader.add_implicit_resolver(
            "tag:yaml.org,2002:" + tag,
            re.compile(f"^(?:{pattern})$"),
            ["" if each == "\0" else each for each in first],
        )


def judge(text):
    """Why the schema, or YAML itself, refuses the file; or None."""
    try:
        content = yaml.load(text, Loader)
        jsonschema.validate(content, SCHEMA, jsonschema.Draft7Validator)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as why:
        return f"YAML: {why}"
    except jsonschema.ValidationError as why:
        return f"schema: {why.message[:200]}"
    return None


def cases():
    """The files of the end-to-end cases, each with whether it is refused."""
    for path in sorted(glob.glob(os.path.join(CASES, "*", "*.yaml"))):
        folder = os.path.dirname(path)
        try:
            with open(os.path.join(folder, "want.rc"), encoding="utf-8") as file:
                status = int(file.read())
        except FileNotFoundError:
            status = 0
        with open(path, "rb") as file:
            yield os.path.basename(folder), file.read(), status == 78


@test("the schema takes what the program takes, and refuses what it refuses")
def schema_agrees_on_the_cases():
    if yaml is None:
        raise Skip("python3-yaml is not installed")
    count = 0
    for name, text, refused in cases():
        verdict = judge(text)
        same(verdict is not None, refused, f"{name}: {verdict}")
        count += 1
    check(count > 30, f"{count} cases")


@test("the schema and the program agree on values as people type them")
def schema_agrees_on_values():
    if yaml is None:
        raise Skip("python3-yaml is not installed")
    id_text = "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
    for good in (
        "for: 90", "for: 1.5", "for: 90s", "for: 15m", "for: 8h", "for: 1d",
        "queue_size: 4096", "queue_size: 64K", "queue_size: 64M", "queue_size: 1g",
        "protocol: events", "format: tsv", "once: true", "quiet: false",
        "shard: 0/1", "only: BUSY,ON_QUEUE", "count: 1", "gaps: true",
        f"users:\n  - {{id: {id_text}, name: 7}}", f"users:\n  - id: {id_text}\n    name:",
    ):
        same(judge(good), None, good)
        status, said = plan(f"{good}\n" if "users" in good else f"{good}\nusers: [{id_text}]\n")
        same(status, 0, f"{good}: {said}")
    for bad in (
        "for: soon", "for: 15w", "for: ''", "queue_size: 64X", "queue_size: big",
        "protocol: http", "format: csv", "once: yes", "once: 2", "shard: half",
        "count: 1.5", "count: many", "region: [a]", "users: {a: b}", "users: x",
        "file: x", "check: true", "client_secret: x", "no_such: 1",
    ):
        check(judge(bad) is not None, f"the schema takes {bad}")
        same(plan(f"{bad}\n")[0], 78, bad)


@test("the examples of the manual are what the schema takes")
def schema_takes_the_manual():
    if yaml is None:
        raise Skip("python3-yaml is not installed")
    path = os.path.join(SOURCE, "man", "gcpresence.yaml.5")
    with open(path, encoding="utf-8") as file:
        examples = re.findall(r"(?ms)^\.Bd -literal.*?\n(.*?)^\.Ed", file.read())
    check(len(examples) >= 2, "examples")
    for example in examples:
        same(judge(example), None, example)


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
