"""Where recipes are tried: the simulator, a folder with team.yaml, and the
programs and examples in PATH.

A recipe is run as it stands in the manual.  Most of them have no end; so
"gcpresence" is a script here, which adds options that make it end: $LIMIT where
no other option does that, and $FORCED always.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Sim, check, same, until  # noqa: E402

BUILD = os.path.abspath(os.environ.get("builddir", "."))
SOURCE = os.path.abspath(os.environ.get("srcdir", "."))
PROGRAM = os.path.abspath(os.environ.get("GCPRESENCE", "gcpresence"))
EXAMPLES = os.path.join(SOURCE, "scripts", "examples")
PAGE = os.path.join(SOURCE, "man", "gcpresence-recipes.7")
LIMIT = 30
# A name that is harmless only to whom it is nothing but a name.
NAME = "$(touch harm) 'O\\'Neil; \"x\" %s `id`"


WRAPPER = """#!/bin/sh
case " $* " in
*" --count "* | *" --until "* | *" --once "* | *" --check "* | *" --plan "*)
	LIMIT= ;;
esac
exec "$PROGRAM" "$@" $LIMIT $FORCED
"""


def displays(page, section=None):
    """The literal displays of a manual page, or of a section of it: each with
    the recipe's name that a comment in front of it says."""
    inside = section is None
    name, text = None, None
    with open(page, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith(".Sh "):
                inside = section is None or line == ".Sh " + section
            elif line.startswith('.\\" recipe: '):
                name = line.split(": ")[1]
            elif line.startswith(".Bd -literal") and inside:
                text = []
            elif line.startswith(".Ed") and text is not None:
                yield name, "".join(text)
                name, text = None, None
            elif text is not None:
                text.append(unroff(line) + "\n")


def unroff(line):
    """A line of a literal display, as a terminal shows it."""
    line = re.sub(r"^\\&", "", line)
    return line.replace("\\(dq", '"').replace("\\(aq", "'").replace("\\e", "\\")


def recipes():
    """The recipes of the manual, by their names."""
    found = {}
    for name, text in displays(PAGE):
        check(name is not None and name not in found, f"a name for {text}")
        found[name] = text
    return found


class Kitchen:
    def __init__(self, *options, limit="--count 40", settings=""):
        self.sim = Sim(*options)
        self.limit = limit
        self.settings = settings

    def __enter__(self):
        self.sim.__enter__()
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.number = 0
        self.users = {
            row[0]: row[1]
            for row in (
                line.split("\t")
                for line in subprocess.run(
                    [os.path.join(BUILD, "gcpresence-sim"), "--ids"],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout.splitlines()
            )
        }
        self.users[next(iter(self.users))] = NAME
        # JSON is YAML.
        people = [{"id": user, "name": name} for user, name in self.users.items()]
        self.settings += "audit: audit\n"
        self.write("team.yaml", self.settings + "users: " + json.dumps(people) + "\n")
        self.write("bin/gcpresence", WRAPPER, 0o755)
        self.env = {
            "PATH": os.pathsep.join(
                [os.path.join(self.folder, "bin"), BUILD, EXAMPLES, os.environ["PATH"]]
            ),
            "HOME": self.folder,
            "LC_ALL": "C.UTF-8",
            "PROGRAM": PROGRAM,
            "LIMIT": self.limit,
            "GENESYSCLOUD_API_URL": self.sim.ready["url"],
            "GENESYSCLOUD_OAUTHCLIENT_ID": self.sim.ready["clientId"],
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": self.sim.ready["clientSecret"],
        }
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                check(not os.path.exists(self.path("harm")), "a name was run")
        finally:
            self.temporary.cleanup()
            self.sim.__exit__(kind, value, trace)

    def forget(self):
        """The recipe brings a simulator of its own; a mistake in it must not
        send anything to the real service."""
        del self.env["GENESYSCLOUD_OAUTHCLIENT_ID"]
        del self.env["GENESYSCLOUD_OAUTHCLIENT_SECRET"]
        self.env["GENESYSCLOUD_API_URL"] = "http://127.0.0.1:1"

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def lines(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def start(self, text, **more):
        """Starts a recipe; what it prints goes to files."""
        return Cooking(self, text, {**self.env, **more})

    def cook(self, text, **more):
        """Runs a recipe to its end, which must be a good one; what it printed."""
        return self.start(text, **more).end()

    def live(self):
        """Waits until all users are subscribed and their first states known."""
        users = len(self.users)
        until(
            lambda: sum(row["users"] for row in self.sim.status()["connections"])
            == users
            and os.path.exists(self.path("audit"))
            and "SNAPSHOT_TAKEN" in self.read("audit"),
            f"{users} users are subscribed",
            LIMIT,
        )


    def look(self, text, complete):
        """Runs a recipe on a terminal; what was shown there.  When that is
        complete, "q" is typed."""
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("sh", ["sh", "-c", text], {**self.env, "TERM": "xterm"})
        size = struct.pack("HHHH", 40, 160, 0, 0)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, size)
        shown = b""
        asked = False
        end = time.monotonic() + LIMIT
        while True:
            check(time.monotonic() < end, f"no end: {shown}")
            if not asked and complete(shown.decode(errors="replace")):
                os.write(fd, b"q")
                asked = True
            if not select.select([fd], [], [], 0.1)[0]:
                continue
            try:
                block = os.read(fd, 65536)
            except OSError:
                block = b""
            if not block:
                break
            shown += block
        os.close(fd)
        same(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, shown)
        return shown.decode(errors="replace")


class Cooking:
    def __init__(self, kitchen, text, env):
        kitchen.number += 1
        self.kitchen = kitchen
        self.text = text
        self.out = f"out.{kitchen.number}"
        self.err = f"err.{kitchen.number}"
        with open(kitchen.path(self.out), "wb") as out:
            with open(kitchen.path(self.err), "wb") as err:
                self.process = subprocess.Popen(
                    ["sh", "-c", text],
                    cwd=kitchen.folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )

    def ended(self):
        return self.process.poll() is not None

    def stop(self):
        """Ends what has no end."""
        self.process.terminate()
        self.process.wait(LIMIT)
        self.kill()

    def kill(self):
        """What is left of its session: it may have gone to the background."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self, errors=()):
        """Waits for the end; each line of standard error has one of errors."""
        try:
            status = self.process.wait(LIMIT)
        finally:
            self.kill()
        said = self.kitchen.read(self.err)
        for line in said.splitlines():
            check(any(each in line for each in errors), f"{self.text}\n{said}")
        same(status, 0, self.text)
        return self.kitchen.read(self.out)
