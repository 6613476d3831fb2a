"""
search: runs the targets that "make fuzz-build" has built with libFuzzer.

  make fuzz                               each for a minute, from its corpus
  make fuzz FUZZ_SECONDS=600 FUZZ_FLAGS='decode conf'
  make fuzz FUZZ_FLAGS=--keep             and adds to the corpora what is new

Runs in the build folder, as many targets at once as there are processors.  The
source tree is only read (but for --keep): what a search finds on its way is in
tests/fuzz/clang/TARGET.  An input that breaks a claim, crashes, leaks or hangs
is shown with how to try it again.  The last line is "N passed, N failed".
"""

import argparse
import base64
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parent
CLANG = pathlib.Path("tests/fuzz/clang")

# Bytes of an input: what there is to find is found in short ones.
LENGTH = 2048
LENGTHS = {
    "answer": 1024, "line": 1024, "request": 1024, "script": 1024,
    "setting": 256, "time": 64, "token": 1024, "url": 512,
}

# Of one input: seconds, and MiB that the whole process may take.
TIMEOUT = 10
MEMORY = 1024

# Of a corpus that is kept.
KEPT_FILES = 100
KEPT_BYTES = 200 * 1000

ENVIRONMENT = dict(
    os.environ, ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1",
    UBSAN_OPTIONS="print_stacktrace=1", http_proxy="", https_proxy="")


class Result:
    def __init__(self, name, status, log, folder):
        self.name = name
        self.status = status
        self.log = log
        self.findings = sorted(
            path for kind in ("crash", "leak", "timeout", "oom")
            for path in folder.glob(f"{kind}-*"))

    def number(self, pattern):
        found = re.findall(pattern, self.log)
        return int(found[-1]) if found else 0

    @property
    def passed(self):
        return (self.status == 0 and not self.findings and
                self.executions > 0)

    @property
    def executions(self):
        return self.number(r"stat::number_of_executed_units:\s+(\d+)") or \
            self.number(r"#(\d+)\t")

    def row(self):
        return (self.name, self.executions,
                self.number(r"stat::average_exec_per_sec:\s+(\d+)") or
                self.number(r"exec/s: (\d+)"),
                self.number(r"\bcov: (\d+)"), self.number(r"\bft: (\d+)"),
                len(self.findings) if self.findings or self.passed else 1)


def command(name, folder):
    arguments = [
        str(CLANG / f"fuzz_{name}"), f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEMORY}", f"-max_len={LENGTHS.get(name, LENGTH)}",
        f"-artifact_prefix={folder}/"]
    dictionary = SOURCE / "dictionaries" / f"{name}.dict"
    if dictionary.exists():
        arguments.append(f"-dict={dictionary}")
    return arguments


def run(arguments, log):
    with open(log, "wb") as out:
        status = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            env=ENVIRONMENT, check=False).returncode
    return status, pathlib.Path(log).read_text(errors="replace")


def search(name, seconds):
    """One target; what is new goes to its scratch folder, which begins empty"""
    folder = CLANG / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "corpus").mkdir(parents=True)
    status, log = run(
        command(name, folder) +
        [f"-max_total_time={seconds}", "-print_final_stats=1",
         "-use_value_profile=1", "-reload=0", str(folder / "corpus"),
         str(SOURCE / "corpus" / name)],
        folder / "log")
    return Result(name, status, log, folder)


def show_failure(result):
    print(f"\n== {result.name}: status {result.status}")
    lines = result.log.splitlines()
    begin = next(
        (i for i, line in enumerate(lines)
         if re.search(r"ERROR:|runtime error|does not hold|SUMMARY", line)),
        max(0, len(lines) - 40))
    print("\n".join(lines[begin:begin + 40]))
    for path in result.findings:
        content = path.read_bytes()
        print(f"-- {path.name}, {len(content)} bytes")
        print("as text:", ascii(content[:1024]))
        print("in base64:", base64.b64encode(content[:4096]).decode())
        print(f"once more: {CLANG}/fuzz_{result.name} {path}")


def keep(name):
    """Adds to the corpus what reaches code that nothing in it reaches"""
    corpus = SOURCE / "corpus" / name
    merged = CLANG / name / "merged"
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir()
    for path in corpus.iterdir():
        shutil.copy(path, merged / path.name)
    run(command(name, CLANG / name) +
        ["-set_cover_merge=1", "-use_counters=0", str(merged),
         str(CLANG / name / "corpus")],
        CLANG / name / "merge.log")
    known = {path.read_bytes() for path in corpus.iterdir()}
    files = len(known)
    room = KEPT_BYTES - sum(len(content) for content in known)
    for path in sorted(merged.iterdir(), key=lambda path: path.stat().st_size):
        content = path.read_bytes()
        if content in known or len(content) > room or files >= KEPT_FILES:
            continue
        digest = hashlib.sha256(content).hexdigest()[:8]
        (corpus / f"found-{digest}").write_bytes(content)
        room -= len(content)
        files += 1


def show_table(results):
    print(f"\n{'target':14}{'executions':>12}{'a second':>10}"
          f"{'edges':>8}{'features':>10}{'findings':>10}")
    for result in results:
        name, executions, rate, edges, features, findings = result.row()
        print(f"{name:14}{executions:12}{rate:10}"
              f"{edges:8}{features:10}{findings:10}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    options = parser.parse_args()
    # Each has a corpus.
    known = {path.name for path in (SOURCE / "corpus").iterdir()}
    unknown = set(options.targets) - known
    if unknown:
        sys.exit(f"fuzz: no such target: {', '.join(sorted(unknown))}")
    begun = time.monotonic()
    names = options.targets or sorted(known)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(
            lambda name: search(name, options.seconds), names))
        if options.keep:
            list(pool.map(keep, names))
    for result in results:
        if not result.passed:
            show_failure(result)
    show_table(results)
    passed = sum(result.passed for result in results)
    print(f"in {time.monotonic() - begun:.0f} s")
    print(f"{passed} passed, {len(results) - passed} failed")
    sys.exit(passed != len(results))


if __name__ == "__main__":
    main()
