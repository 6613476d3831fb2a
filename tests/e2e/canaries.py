#!/usr/bin/env python3
"""All cases once more at each level of the log, against a service whose errors
repeat what they answer: no secret comes out anywhere.

    canaries.py [NAME...]       all cases, or those whose names contain one of NAME

Every secret of the cases is a canary: the client's secret in file, environment
and credential, ready tokens, the tokens and channels that the service gives, a
proxy's password.  Searched is all that the program writes or shows: standard
output and error, the audit log, state, metrics, process list, environment.
What else a case says of its output holds for one level only, and is not asked.
"""

import asyncio
import os
import re
import sys

import run

LEVELS = {"quiet": ["-q"], "default": [], "verbose": ["-v"], "debug": ["-vv"],
          "debug, as JSON": ["-vv", "--log-format", "json"]}


# Cases at once.
PARALLEL = 8
# Of so many it may be that the service did not get what its script says.
STRAYED_MAX = 5


class Canary(run.Case):
    repeats = True
    level = []
    strayed = False     # the service did not get what its script says
    looked = False      # for secrets, that is
    planted = set()
    searched = [0, 0]   # places, bytes

    def more_arguments(self):
        if run.read(self.work, "run") is None:
            return self.level
        return []

    def at_level(self, program):
        """What a script calls in place of the program."""
        path = os.path.join(self.work, os.path.basename(program))
        with open(path, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nexec "%s" %s "$@"\n' % (program, " ".join(self.level)))
        os.chmod(path, 0o700)
        self.copied.add(path)
        return path

    def environment(self):
        env = super().environment()
        for name in ("GCPRESENCE", "GCPRESENCE_USERS"):
            env[name] = self.at_level(env[name])
        self.note_planted(" ".join(env.values()))
        return env

    def note_planted(self, text):
        self.planted.update(re.findall(r"canary[\w.-]*", text))

    def check(self):
        self.note_planted("".join(self.fake.told))
        for _, data in self.places():
            self.searched[0] += 1
            self.searched[1] += len(data)
        # The script's limits are for a machine that does less at once.
        self.looked = True
        self.strayed = bool(self.problems)
        for check in (self.check_secrets, self.check_sanitizers):
            try:
                check()
            except run.Wrong as why:
                self.problems.append((check.__name__.replace("check_", "the "), str(why)))
                self.strayed = False

    def check_sanitizers(self):
        if b"Sanitizer" in self.stderr or b"runtime error:" in self.stderr:
            raise run.Wrong("a sanitizer complains")


async def run_level(directories):
    gate = asyncio.Semaphore(PARALLEL)

    async def run_one(directory):
        async with gate:
            return await Canary(directory, None).run()

    if "-q" in Canary.level:
        # Those wait for words that are not said then.
        directories = [one for one in directories
                       if not re.search(r"^\s*said", run.read(one, "service") or "", re.M)]
    order = sorted(directories, key=lambda one: not run.is_slow(one))
    return await asyncio.gather(*(run_one(one) for one in order))


def main(arguments):
    names = [name for name in sorted(os.listdir(run.CASES))
             if not arguments or any(one in name for one in arguments)]
    os.umask(0o077)
    failed = 0
    print("1..%d" % len(LEVELS))
    for number, (title, Canary.level) in enumerate(LEVELS.items(), 1):
        cases = asyncio.run(run_level([os.path.join(run.CASES, name) for name in names]))
        strayed = [case for case in cases if case.strayed]
        bad = [case for case in cases if not case.looked or
               case.problems and (not case.strayed or len(strayed) > STRAYED_MAX)]
        run.report(number, "no secret comes out of %d cases with a log that is %s" % (len(cases), title),
                   [("%s: %s" % (case.name, what), text) for case in bad for what, text in case.problems])
        failed += bool(bad or not cases)
    if not (Canary.planted and Canary.searched[1]):
        print("Bail out! nothing was planted, or nothing searched")
        return 1
    print("# %d canaries, %d places, %d bytes" % (len(Canary.planted), *Canary.searched))
    print("%d passed, %d failed" % (len(LEVELS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
