"""Tables for people, pictures and pages."""

import html.parser
import os
import re
import tempfile
import unicodedata
import xml.etree.ElementTree

from recording import (
    HOUR,
    MINUTE,
    NINE,
    ROOT,
    change,
    check,
    day,
    gap,
    report,
    same,
    test,
)

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "link", "br", "hr", "img", "input"}
HOSTILE = '</title></text><script>alert("1")</script>&amp;\x1b]0;x\x07\u202e\ufffe\t'


def pictures(given, *options):
    """The picture, and the page."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("svg", "html")]
        done = report("--svg", names[0], "--html", names[1], *options, given=given)
        same(done.out, "")
        for name in names:
            with open(name, encoding="utf-8", newline="") as file:
                yield file.read()


class Page(html.parser.HTMLParser):
    """A page whose elements must end in the order in which they began."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.seen, self.cells = [], [], []
        self.feed(text)
        self.close()
        same(self.open, [], "elements that never end")

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        same(self.open.pop(), tag, "the element that ends")

    def handle_data(self, data):
        if self.open and self.open[-1] in ("th", "td"):
            self.cells.append(data)


def classes(root, name):
    return [one for one in root.iter() if one.get("class") == name]


@test("a picture is XML with a row, a name and intervals for each user")
def well_formed():
    text, _ = pictures(day(), "--title", "Support & sales", "--utc")
    root = xml.etree.ElementTree.fromstring(text.encode())
    same(root.tag, SVG + "svg")
    titles = [one.text for one in root.iter(SVG + "title")]
    check(titles[0].startswith("Support & sales: Thursday 12 March 2026, 07:55 to "), titles[0])
    users = report("-o", "json", given=day()).json()["users"]
    same({f"{user['name']}, {user['userId']}" for user in users} - set(titles), set())
    check(any(title.startswith("On queue 0") for title in titles))
    shown = {one.text for one in root.iter(SVG + "text")}
    same({user["name"] for user in users} - shown, set())
    check({"On queue", "Offline", "Not known", "Stream blind"} < shown, shown)


@test("a page ends what it begins, and has the figures as a table")
def page():
    _, text = pictures(day(), "--utc")
    check(text.startswith("<!DOCTYPE html>\n"))
    found = Page(text)
    same([tag for tag, _ in found.seen].count("svg"), 1)
    rows = report("--utc", given=day()).out.splitlines()
    check(found.cells[-1] in rows[-1] and int(found.cells[-1]) > 500, rows[-1])
    total = report("-o", "json", given=day()).json()["total"]
    seconds = round(total["states"]["ON_QUEUE"]["ms"] / 1000)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    check(clock in found.cells and clock in text.split("<details>")[0], clock)


@test("blind intervals are hatched over the rows and the numbers of users")
def hatched():
    parts = [change(user, "BUSY", NINE) for user in "abc"]
    parts += [gap(NINE + 10 * MINUTE, NINE + 20 * MINUTE), change("a", "MEAL", NINE + HOUR, "BUSY")]
    text, _ = pictures("".join(parts), "--utc")
    root = xml.etree.ElementTree.fromstring(text.encode())
    blind = [one for one in classes(root, "blind") if one.find(SVG + "title") is not None]
    same([one.find(SVG + "title").text for one in blind], ["Blind 09:10:00 to 09:20:00"] * 2)
    track = [one for one in classes(root, "track") if float(one.get("width")) > 500][0]
    left, width = float(track.get("x")), float(track.get("width"))
    check(abs(float(blind[0].get("x")) - left - width / 6) < 1, "a sixth of the hour is over")
    check(abs(float(blind[0].get("width")) - width / 6) < 1, "and lasts a sixth")
    check('<pattern id="blind"' in text)


@test("hostile names and states steer neither reader nor terminal")
def hostile():
    given = change("a", HOSTILE, NINE, name=HOSTILE) + change("\x1b[2J", "BUSY", NINE + HOUR)
    outs = list(pictures(given, "--title", HOSTILE.replace("\ufffe", "")))
    xml.etree.ElementTree.fromstring(outs[0].encode())
    seen = Page(outs[1]).seen
    check("script" not in [tag for tag, _ in seen])
    outs += [report(*options, given=given).out for options in ([], ["--intervals"], ["-o", "json"])]
    rows = report("-o", "tsv", given=given)
    same({line.count("\t") for line in rows.out.splitlines()}, {7})
    for out in outs + [rows.out]:
        bad = {one for one in out if unicodedata.category(one) in ("Cc", "Cf") and one not in "\n\t"}
        same(bad, set())


@test("pictures and pages refer to nothing outside, and run nothing")
def self_contained():
    for text in pictures(day()):
        plain = text.replace("http://www.w3.org/2000/svg", "")
        same(re.findall(r"https?:|//[a-z]|@import|<script|\bon[a-z]+=|<!ENTITY|javascript:", plain), [])
        same(re.findall(r"url\((?!#)", plain), [])
        same(re.findall(r"\b(?:src|href)=", plain), [])


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@test("states can be told apart without colours: by pattern, height or lightness")
def without_colours():
    text, _ = pictures(day())
    same(text.count("prefers-color-scheme:dark"), 1)
    root = xml.etree.ElementTree.fromstring(text.encode())
    shapes = {
        one.get("id")[1:]: "".join(
            f"{mark.tag}{sorted((k, v) for k, v in mark.items() if k != 'class')}"
            for mark in one
        )
        + str(one.get("patternTransform"))
        for one in root.iter(SVG + "pattern")
    }
    looks = {}
    for one in root.iter(SVG + "rect"):
        kind = re.fullmatch(r"[fs](\d+)", one.get("class", ""))
        if kind and one.get("width") == "30":
            looks[kind[1]] = (shapes.get(kind[1], "plain"), one.get("height"))
    same(len(looks), 10)
    for theme in text.split("prefers-color-scheme:dark"):
        colours = dict(re.findall(r"\.[fs](\d+)\{fill:(#[0-9a-f]{6})\}", theme.split("</style>")[0]))
        same(len(colours), 10)
        for one in looks:
            for other in looks:
                if one < other and looks[one] == looks[other]:
                    light = sorted(luminance(colours[look]) for look in (one, other))
                    check((light[1] + 0.05) / (light[0] + 0.05) > 1.9, (one, other))


def cells(line):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


@test("a table fits the terminal, and ends with a newline")
def tables():
    wide = day() + change("x", "BUSY", NINE, name="山田太郎")
    widths = {}
    for columns in (0, 250, 180, 120, 80):
        for options in ([], ["--hours"], ["--intervals"]):
            done = report(*options, given=wide, columns=columns)
            check(done.out.endswith("\n") and not done.out.endswith("\n\n"), done.out[-20:])
            widest = max(cells(line) for line in done.out.splitlines()[2:])
            check(columns == 0 or widest <= columns, (columns, options, widest))
            widths[columns, tuple(options)] = widest
    check(widths[0, ()] > widths[180, ()] > 80, widths)


@test("users are in the order of their names, Agent 9 before Agent 10")
def order():
    names = ["agent 10", "Agent 9", "Zoë", "agent 1"]
    given = "".join(change(f"u{i}", "BUSY", NINE, name=name) for i, name in enumerate(names))
    found = [user["name"] for user in report("-o", "json", given=given).json()["users"]]
    same(found, ["agent 1", "Agent 9", "agent 10", "Zoë"])


@test("the picture in share/ is well-formed, small and complete in itself")
def shared():
    with open(os.path.join(ROOT, "share/timeline.svg"), encoding="utf-8") as file:
        text = file.read()
    root = xml.etree.ElementTree.fromstring(text.encode())
    check(len(text.encode()) < 60000)
    same(len(classes(root, "blind")) > 1, True)
