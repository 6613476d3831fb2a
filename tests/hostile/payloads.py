"""What a hostile text may hold, and what no consumer of it may see.

TEXTS are characters, by name: each is short enough for a state (64 bytes) but
those in LONG.  BYTES are no UTF-8.  ESCAPES are JSON, but no characters.
The judges look at bytes, not at what Python makes of them.
"""

import html.parser
import json
import re
import shutil
import subprocess

import here  # noqa: F401 pylint: disable=unused-import
from bench import check, same

TEXTS = {
    # Terminals
    "esc-clear": "a\x1b[2J\x1b[Hb",
    "esc-colour": "\x1b[31mred\x1b[0m",
    "esc-title": "a\x1b]0;pwned\x07b",
    "esc-link": "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "esc-clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "esc-answer": "\x1b[6n\x1b[c\x1bZ",
    "esc-dcs": "\x1bP+q544e\x1b\\",
    "esc-charset": "\x1b(0lqk\x0e",
    "esc-alone": "a\x1b",
    "c1-csi": "a\u009b2Jb",
    "c1-osc": "\u009d0;pwned\u009c",
    "c1-nel": "a\u0085b",
    "bell": "a\x07b",
    "backspace": "secret\b\b\b\b\b\bpublic",
    "return": "good\rbad!",
    "newline": "a\nb",
    "form-feed": "a\x0c\x0bb",
    "nul": "a\x00b",
    "delete": "a\x7fb",
    "tab": "a\tb",
    # Forged lines and fields
    "line-of-json": '"}\n{"userId":"x","state":"BUSY"}',
    "line-of-tsv": "a\tb\nc\td\\te\\n\\x41",
    "line-of-log": "x\ngcpresence: all is well",
    "priority": "\n<0>gcpresence: panic",
    "priority-first": "<0>gcpresence: panic",
    "notify": "x\nMAINPID=1\nSTATUS=pwned",
    "comment": "# not a comment",
    "header": '{"gcpresence":"state","version":2}',
    "metric": 'x"} 1\ngcpresence_users 99\n#',
    "crlf": "x\r\nSet-Cookie: a=b\r\n\r\n",
    "separators": "a\u2028b\u2029c",
    "unit-separator": "a\x1fb\x1ec\x1cd",
    # What is seen is not what is there
    "bidi-override": "a\u202eexe.txt\u202c",
    "bidi-embed": "\u202aa\u202bb\u202dc",
    "bidi-isolate": "\u2066a\u2067b\u2068c\u2069",
    "bidi-marks": "a\u200eb\u200fc\u061cd",
    "bom": "\ufeffa",
    "zero-width": "a\u200bb\u200cc\u200dd\u2060e",
    "private": "a\ue000\U000f0000b",
    "nonchar": "a\ufffe\uffff\U0010ffffb",
    "tags": "a\U000e0041\U000e007fb",
    "rtl": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "combining": "Z" + "\u0335\u0301" * 14,
    "family": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    # Markup
    "script": "</title><script>alert(1)</script>",
    "script-svg": "]]></style><svg onload=alert(1)>",
    "attribute": "\" onmouseover='alert(1)' x=\"",
    "attribute-2": "' onload=alert(1) x='",
    "comment-html": "--><img src=x onerror=alert(1)>",
    "entity": "&lt;b&gt;&#60;&amp;&x;",
    "url": "javascript:alert(1)//http://evil.example",
    "css": "}*{background:url(http://evil.example)}",
    "template": "{{7*7}}${7*7}<%=7*7%>",
    # Shells, spreadsheets, formats, databases
    "shell": "$(touch pwned)`touch pwned`;touch pwned|x&",
    "shell-quote": "'\";touch pwned;'\" || touch pwned #",
    "shell-echo": "a\\033]0;pwned\\007\\c\\nb",
    "option": "--help",
    "glob": "*?[a-z]~",
    "formula": "=cmd|'/C calc'!A0",
    "formula-2": "@SUM(1+1)",
    "sql": "x'); DROP TABLE changes; --",
    "sql-quote": "\"x\" ''y''",
    "dot-command": "\n.shell touch pwned\n",
    "redis": '"\r\nFLUSHALL\r\n',
    "percent": "%s%n%x%1$s",
    "backslash": "\\\\u0041\\n\\",
    "yaml": "x: [y, &a *b !!c",
    "path": "../../etc/passwd",
}
LONG = {
    "long": "x" * 100000,
    "long-wide": "\u00e9\u20ac\U0001f600" * 3000,
    "long-escapes": "\x1b\u009b\u202e" * 3000,
    "long-combining": "e" + "\u0301" * 3000,
}
BYTES = {
    "raw-c1": b"a\x9b2Jb",
    "raw-latin-1": b"caf\xe9",
    "overlong-esc": b"a\xc0\x9b[2Jb",
    "overlong-slash": b"\xe0\x80\xaf",
    "overlong-nul": b"a\xc0\x80b",
    "surrogate": b"\xed\xa0\x80\xed\xb0\x80",
    "beyond": b"\xf4\x90\x80\x80",
    "five-bytes": b"\xf8\x88\x80\x80\x80",
    "cut": b"a\xe2\x82",
    "lone-continuation": b"\x80\xbf",
    "cut-before-quote": b"\xc3",
}
ESCAPES = {
    "lone-high": r'"a\ud800b"',
    "lone-low": r'"\udc00"',
    "reversed": r'"\udc00\ud800"',
    "nul": r'"a\u0000b"',
    "esc": r'"\u001b[2J"',
    "c1": r'"\u009b2J"',
    "bad-escape": r'"\x1b[2J"',
}
# A terminal obeys them, a reader of lines ends at them, or the eye is led astray.
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def user(number):
    return f"00000000-0000-4000-8000-{number:012x}"


def stamp(seconds):
    return f"2026-01-01T{9 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000Z"


def clean(data, what="output", tabs=False):
    """Nothing in it steers anything; bytes, or what was read of a file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        check(False, f"{what} is not UTF-8: {error}")
    found = STEERING.search(text)
    check(not found, f"{what}: {found and text[max(0, found.start() - 80):][:160]!r}")
    check(tabs or "\t" not in text, f"{what}: a tab")
    check(text == "" or text.endswith("\n"), f"{what} has no end")
    return text


def no_constant(name):
    raise ValueError(name)


def no_twins(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)


def json_lines(data, what="output"):
    """Lines of strict JSON: for Python, and for jq, to whom they are the same."""
    text = clean(data, what)
    lines = text.split("\n")[:-1]
    rows = []
    for line in lines:
        check(len(line.encode()) < 4096, f"{what}: {len(line)} bytes: {line[:80]}")
        try:
            row = json.loads(
                line, parse_constant=no_constant, object_pairs_hook=no_twins
            )
        except ValueError as error:
            check(False, f"{what}: {error}: {line}")
        check(isinstance(row, dict), f"{what}: {line}")
        rows.append(row)
    if shutil.which("jq") is not None:
        done = subprocess.run(
            ["jq", "-c", "."], input=data, capture_output=True, check=False
        )
        same(done.returncode, 0, (what, done.stderr))
        same([json.loads(line) for line in done.stdout.splitlines()], rows, what)
    return rows


def tsv_rows(data, what="output"):
    """Rows of the format that the manual describes, unescaped; the header off."""
    lines = clean(data, what, tabs=True).split("\n")[:-1]
    rows = [line.split("\t") for line in lines]
    for row in rows:
        same(len(row), len(rows[0]), f"{what}: columns of {row}")
    return [dict(zip(rows[0], map(unescape, row))) for row in rows[1:]]


def unescape(field):
    """Bytes of a TSV field."""
    simple = {"t": b"\t", "n": b"\n", "r": b"\r", "\\": b"\\"}
    out, at = b"", 0
    while at < len(field):
        if field[at] != "\\":
            out += field[at].encode()
            at += 1
        elif field[at + 1] == "x":
            out += bytes.fromhex(field[at + 2 : at + 4])
            at += 4
        else:
            out += simple[field[at + 1]]
            at += 2
    return out.decode()


LABEL = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(
    rf"([a-zA-Z_:][\w:]*)(\{{{LABEL}(?:,{LABEL})*\}})? "
    r"(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[+-]Inf|NaN)"
)


def metrics(data, what="metrics"):
    """Prometheus' text format, strictly: {name and labels: value}."""
    samples, types, helps = {}, {}, set()
    for line in clean(data, what).split("\n")[:-1]:
        head = re.fullmatch(r"# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)", line)
        if head and head.group(1) == "TYPE":
            check(head.group(2) not in types, f"{what}: twice: {line}")
            check(head.group(3) in ("counter", "gauge", "histogram"), line)
            types[head.group(2)] = head.group(3)
            continue
        if head:
            check(head.group(2) not in helps, f"{what}: twice: {line}")
            helps.add(head.group(2))
            continue
        sample = SAMPLE.fullmatch(line)
        check(sample, f"{what}: {line!r}")
        name = sample.group(1)
        family = re.sub("_(bucket|sum|count)$", "", name)
        check(
            name in types or types.get(family) == "histogram",
            f"{what}: a sample before its type: {line}",
        )
        key = name + (sample.group(2) or "")
        check(key not in samples, f"{what}: twice: {line}")
        samples[key] = float(sample.group(3))
    same(set(types), helps, what)
    if shutil.which("promtool") is not None:
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=data,
            capture_output=True,
            check=False,
        )
        check(b"error" not in done.stderr, done.stderr)
    return samples


class Markup(html.parser.HTMLParser):
    """Elements with their attributes, and all text, of a page or a picture."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = set()
        self.attributes = set()
        self.values = []
        self.texts = []
        self.others = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.add((tag, name))
            self.values.append((name, value or ""))

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.others.append(data)

    def handle_decl(self, decl):
        if decl != "DOCTYPE html":
            self.others.append(decl)

    def handle_pi(self, data):
        if data != 'xml version="1.0" encoding="UTF-8"?':
            self.others.append(data)

    def unknown_decl(self, data):
        self.others.append(data)


def markup(data, what="page"):
    read = Markup(clean(data, what))
    same(read.others, [], f"{what}: comments and declarations")
    return read
