#!/usr/bin/env python3
"""What the shells complete, asked of the shells themselves.

    test_completion.py [TEXT]   all tests, or those whose names contain TEXT
"""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sim"))
from harness import Skip, check, run_all, same, test  # noqa: E402

BUILD = os.path.abspath(os.environ.get("builddir", "."))
COMPLETIONS = os.path.join(BUILD, "share", "completion")
PROGRAMS = [
    "gcpresence",
    "gcpresence-report",
    "gcpresence-sim",
    "gcpresence-top",
    "gcpresence-users",
]
LIMIT = 30


def shell(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed")
    if not os.path.isdir(COMPLETIONS):
        raise Skip("there are none where programs are built for another machine")
    return path


def environment(**more):
    path = BUILD + os.pathsep + os.environ["PATH"]
    return {"PATH": path, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **more}


def run(words, **more):
    return subprocess.run(
        words,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,
    )


def options(program):
    """The long options of a program, each with its argument or ''."""
    text = run([program, "--help"]).stdout.split("\noptions:\n")[1]
    rows = re.findall(r"(?m)^ {2}(?:-., | {4})--([a-z-]+)(?: (\S+))?", text)
    check(len(rows) > 3, f"{program} has options")
    return dict(rows)


def choices(program):
    """The options with choices, as the program names them where it is wrong."""
    found = {}
    for name, argument in options(program).items():
        if "|" in argument and argument.islower():
            said = run([program, f"--{name}=no-such"]).stderr
            found[name] = re.search(r"is none of (\S+)", said)[1].split("|")
    return found


def regions():
    text = run(["gcpresence", "--list-regions"]).stdout
    return {line.split()[0] for line in text.splitlines()}


def bash(program, *words, cwd=None):
    """What bash completes, with the words of the line as it cuts them."""
    script = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        "_${1//-/_}; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    path = os.path.join(COMPLETIONS, "bash", program)
    done = run(
        [shell("bash"), "--norc", "-c", script, "-", path, program, *words], cwd=cwd
    )
    same(done.stderr, "", "bash says")
    return set(done.stdout.split())


def fish(program, *words, cwd=None):
    """What fish completes."""
    path = os.path.join(COMPLETIONS, "fish", program + ".fish")
    line = " ".join([program, *words])
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [shell("fish"), "--no-config", "-c", f"source {path}; complete -C '{line}'"],
            env=environment(HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=cwd,
        )
    same(done.stderr, "", "fish says")
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


class Zsh:
    """An interactive zsh, since no other completes."""

    def __init__(self, cwd=None):
        path = shell("zsh")
        self.home = tempfile.TemporaryDirectory()
        with open(os.path.join(self.home.name, ".zshrc"), "w", encoding="utf-8") as file:
            file.write(
                f"fpath=({COMPLETIONS}/zsh $fpath)\n"
                "autoload -U compinit; compinit -u -D\n"
                "LISTMAX=100000; setopt no_beep; PROMPT='ready> '\n"
            )
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if cwd:
                os.chdir(cwd)
            env = environment(ZDOTDIR=self.home.name, TERM="dumb")
            os.execve(path, [path, "-o", "no_global_rcs"], env)
        # So much room that nothing is cut, wrapped or asked about.
        size = struct.pack("HHHH", 500, 400, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        self.text = ""
        self.until("ready> ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        os.waitpid(self.pid, 0)
        self.home.cleanup()

    def until(self, text):
        """Reads until the text is there; what came up to it is forgotten."""
        end = time.monotonic() + LIMIT
        while text not in self.text:
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"zsh did not show {text!r}: {self.text!r}")
            self.text += os.read(self.fd, 65536).decode(errors="replace")
        shown, self.text = self.text.split(text, 1)
        return shown

    def complete(self, line):
        """What zsh shows, or makes of the line, for a tab at its end."""
        os.write(self.fd, line.encode())
        os.write(self.fd, b"\t")
        # A variable that holds the line, once the tab is dealt with.
        os.write(self.fd, b"\x01: '\x05' ; echo the\\-end\r")
        shown = self.until("the-end")
        self.until("ready> ")
        return shown


@test("bash knows all options of all programs, and the choices of each")
def bash_knows_all():
    for program in PROGRAMS:
        same(
            bash(program, "--"),
            {"--" + name for name in options(program)},
            program,
        )
        for name, words in choices(program).items():
            same(bash(program, "--" + name, ""), set(words), name)
            same(bash(program, "--" + name, "="), set(words), name)
            same(bash(program, "--" + name, "=", words[0]), {words[0]}, name)


@test("bash completes files and regions where an option wants them")
def bash_knows_files():
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "team.yaml"), "wb").close()
        same(bash("gcpresence", "-f", "te", cwd=folder), {"team.yaml"})
        same(bash("gcpresence", "--file", "=", "te", cwd=folder), {"team.yaml"})
        same(bash("gcpresence-report", "te", cwd=folder), {"team.yaml"})
        same(bash("gcpresence", "--client-id", "te", cwd=folder), set())
    same(bash("gcpresence", "-r", ""), regions())


@test("fish knows all options of all programs, and the choices of each")
def fish_knows_all():
    for program in PROGRAMS:
        want = set()
        for name, argument in options(program).items():
            # Those with a value, fish completes up to the value.
            want |= {"--" + name} | ({f"--{name}="} if argument else set())
        same(fish(program, "--") | want, want, program)
        same(
            {word.rstrip("=") for word in fish(program, "--")},
            {"--" + name for name in options(program)},
            program,
        )
        for name, words in choices(program).items():
            same(fish(program, "--" + name, ""), set(words), name)


@test("fish completes files and regions where an option wants them")
def fish_knows_files():
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "team.yaml"), "wb").close()
        same(fish("gcpresence", "-f", "te", cwd=folder), {"team.yaml"})
        same(fish("gcpresence-report", "te", cwd=folder), {"team.yaml"})
        same(fish("gcpresence", "--client-id", "te", cwd=folder), set())
    same(fish("gcpresence", "-r", ""), regions())


@test("zsh knows all options of all programs, and the choices of each")
def zsh_knows_all():
    with Zsh() as zsh:
        for program in PROGRAMS:
            shown = zsh.complete(program + " --")
            same(
                set(re.findall(r"(?m)(?:^|\s)--([a-z][a-z-]*)", shown)),
                set(options(program)),
                f"{program}: {shown}",
            )
            for name, words in choices(program).items():
                shown = zsh.complete(f"{program} --{name} ")
                for word in words:
                    check(re.search(rf"(?m)(^|\s){word}\s", shown), f"{word}: {shown}")


@test("zsh completes files and regions where an option wants them")
def zsh_knows_files():
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "team.yaml"), "wb").close()
        with Zsh(cwd=folder) as zsh:
            check("team.yaml" in zsh.complete("gcpresence -f te"), "-f")
            check("team.yaml" in zsh.complete("gcpresence --file=te"), "--file=")
            check("team.yaml" in zsh.complete("gcpresence-report te"), "operand")
            check("team.yaml" not in zsh.complete("gcpresence --client-id te"), "ID")
            check("sa-east-1" in zsh.complete("gcpresence -r sa-"), "region")


if __name__ == "__main__":
    sys.exit(1 if run_all(" ".join(sys.argv[1:])) else 0)
