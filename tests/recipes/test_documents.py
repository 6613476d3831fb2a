#!/usr/bin/env python3
"""Runs the examples of the manual pages and of the README, as they stand there.

    test_documents.py [TEXT]    all tests, or those whose names contain TEXT

What an example has of its reader's own is what the kitchen has: team.yaml, a
recording in presence.ndjson, $ID1 and $ID2, and addresses at example.com.
"""

import json
import os
import re
import subprocess
import sys

import jsonschema

from kitchen import BUILD, LIMIT, SOURCE, Kitchen, displays
from harness import check, run_all, same, test, until

MANUAL = os.environ.get("MANUAL", os.path.join(SOURCE, "man"))
PAGES = [
    "gcpresence.1",
    "gcpresence-report.1",
    "gcpresence-sim.1",
    "gcpresence-top.1",
    "gcpresence-users.1",
]


class Library(Kitchen):
    """A kitchen with what the examples take for granted."""

    def __enter__(self):
        super().__enter__()
        users = list(self.users)
        self.env.update(ID1=users[1], ID2=users[2])
        self.cook("gcpresence -f team.yaml > presence.ndjson")
        return self

    def own(self, text):
        """The example, with people of the simulator's."""
        rows = self.sim.api("GET", "/api/v2/users").json()["entities"]
        mails = iter(row["email"] for row in rows)
        return re.sub(r"\w[\w.]*@example\.com", lambda _: next(mails), text)

    def try_example(self, text):
        text = self.own(text)
        if "gcpresence-top" in text:
            # Maybe nobody is in the states that the example asks for.
            return self.look(text, lambda shown: re.search(r"\d users", shown))
        return self.cook(text)


def examples(page):
    return [text for _, text in displays(os.path.join(MANUAL, page), "EXAMPLES")]


def commands(text):
    """The options of our programs in an example, each with its program."""
    text = re.sub(r"\\\n", " ", text)
    for command in re.split(r"[|;&\n]", text):
        program = re.search(r"(?:^|\s)(gcpresence(?:-[a-z]+)?)\s", command + " ")
        if program:
            for option in re.findall(r"\s--([a-z-]+)", command):
                yield program[1], option


@test("there are no options in examples but those that the programs have")
def examples_have_options_that_are():
    helps = {}
    for page in PAGES:
        for text in examples(page):
            for program, option in commands(text):
                if program not in helps:
                    helps[program] = subprocess.run(
                        [os.path.join(BUILD, program), "--help"],
                        capture_output=True,
                        text=True,
                        check=True,
                    ).stdout
                check(f" --{option}" in helps[program], f"{page}: {program} --{option}")


def try_page(page):
    """A test of a page whose examples stand for themselves."""

    def run():
        for text in examples(page):
            with Library("--rate", "200", "--initial", "random") as kitchen:
                if "--until" in text:
                    users = list(kitchen.users)
                    kitchen.sim.do(
                        "hold", *[f"change {user} ON_QUEUE" for user in users]
                    )
                kitchen.try_example(text)

    return test(f"the examples of {page} run")(run)


for each in PAGES:
    if each != "gcpresence-sim.1":
        try_page(each)


@test("the examples of gcpresence-sim.1 run, one after the other")
def examples_of_the_simulator():
    texts = examples("gcpresence-sim.1")
    # Those that leave the simulator in the foreground come last.
    serving = [
        text for text in texts if re.match("gcpresence-sim [^|&]*$", text.splitlines()[-1])
    ]
    with Library("--rate", "200") as kitchen:
        kitchen.forget()
        kitchen.cook("set -e\n" + "\n".join(text for text in texts if text not in serving))
        for text in serving:
            cooking = kitchen.start(text)
            until(lambda: kitchen.read(cooking.out).endswith("}\n"), text, LIMIT)
            url = json.loads(kitchen.read(cooking.out))["url"]
            check(not cooking.ended(), text)
            if url.startswith("https"):
                kitchen.cook(f"curl --fail -s --cacert cert.pem {url}/sim/status >/dev/null")
            cooking.stop()


def readme(language):
    """The blocks of the README in a language."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"(?ms)^( *)```%s\n(.*?)^ *```$" % language, text)
    check(blocks, language)
    return [re.sub(rf"(?m)^{indent}", "", block) for indent, block in blocks]


@test("the commands of the README run")
def readme_runs():
    for block in readme("sh"):
        if block.startswith("export "):
            help_text = subprocess.run(
                [os.path.join(BUILD, "gcpresence"), "--help"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for name in re.findall(r"(?m)^export (\w+)=", block):
                check(f"[${name}]" in help_text, name)
            continue
        with Library("--rate", "200") as kitchen:
            kitchen.cook("set -e\n" + block)


@test("the lines of output in the README are what the schema allows")
def readme_lines():
    with open(
        os.path.join(SOURCE, "share", "change.schema.json"), encoding="utf-8"
    ) as file:
        schema = json.load(file)
    for block in readme("json"):
        for line in block.splitlines():
            jsonschema.validate(json.loads(line), schema)


@test("the file of users in the README is one that the program takes")
def readme_yaml():
    for block in readme("yaml"):
        with Kitchen() as kitchen:
            kitchen.write("team.yaml", block)
            plan = kitchen.cook("gcpresence -f team.yaml --plan")
            check("users         2\n" in plan, plan)


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
