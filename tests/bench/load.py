"""load: the blaster as a service, and the credentials to go with it."""

import os
import subprocess


class Service:
    """One run of "blast serve"; use it as a context."""

    def __init__(self, bench, shape, tls, users, events, *, unchanged=50, rate=0, stdin=None):
        argv = [bench.blast, "-s", shape, "-u", str(users), "-n", str(events), "-k", str(unchanged)]
        if rate:
            argv += ["-r", str(rate)]
        if tls:
            argv += ["-t", bench.certificate, "-y", bench.key]
        self.tls = tls
        self.bench = bench
        self.child = subprocess.Popen(
            argv + ["serve"],
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {bench.load_cpu}),
        )
        self.port = int(self.line("port"))

    def line(self, wanted):
        """The figures behind the next line that begins with that word."""
        for line in self.child.stdout:
            word, _, rest = line.partition(" ")
            if word == wanted:
                return rest.strip()
        raise RuntimeError(f"the blaster ended before it said '{wanted}'")

    def ca(self):
        return self.bench.certificate if self.tls else "-"

    def url(self, path, scheme="ws"):
        return f"{scheme}{'s' if self.tls else ''}://localhost:{self.port}{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()


def gcpresence(bench, service, shape, *options):
    """The command; users come from standard input."""
    return [
        bench.gcpresence,
        *("--protocol", shape),
        *("--api-url", service.url("", "http")),
        *("--access-token-file", bench.token),
        *("--max-subscriptions", "1000"),
        *("--cacert", bench.certificate),
        *options,
    ]
