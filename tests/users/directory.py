"""A directory of users, of other parts than the program and the simulator.

Python's http.server, with the shapes that Genesys Cloud documents for lists of
users, queues, groups and teams, and for searches.  What is wrong with a request
is in complaints; requests are in requests; answers has (path prefix, status,
headers, body) to give once, and None for the status means: cut the connection.
"""

import base64
import http.server
import json
import threading
import urllib.parse
import uuid

CLIENT = ("a-client", "a-secret")


def identity(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def user(name, state="active", email=None):
    """A user as GET /api/v2/users has it."""
    return {
        "id": identity(name),
        "name": name,
        "division": {"id": identity("Home"), "name": "Home"},
        "chat": {"jabberId": "x@y"},
        "email": email or name.lower().replace(" ", ".") + "@example.com",
        "primaryContactInfo": [],
        "addresses": [],
        "state": state,
        "username": name,
        "version": 3,
        "acdAutoAnswer": False,
        "selfUri": "/api/v2/users/" + identity(name),
    }


def unit(name):
    """A queue, a group or a team, as their lists have them."""
    return {"id": identity(name), "name": name, "selfUri": "/x", "memberCount": 7}


class Directory:
    """In use between "with" and its end; everything may be changed meanwhile."""

    def __init__(self):
        self.users = []
        self.units = {"routing/queues": [], "groups": [], "teams": []}
        self.members = {}  # ID of a unit -> users
        self.requests = []
        self.answers = []
        self.headers = {}  # of every answer
        self.complaints = []
        self.page_size_max = 500

    def __enter__(self):
        handler = type("Handler", (Rest,), {"directory": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def add(self, kind, name, members):
        one = unit(name)
        self.units[kind].append(one)
        self.members[one["id"]] = members
        return one["id"]


class Rest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: nothing waits for the second
    directory = None

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def reply(self, status, value, headers=None):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {**self.directory.headers, **(headers or {})}.items():
            self.send_header(name, str(text))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fault(self, status, code):
        self.reply(status, {"message": "No.", "code": code, "status": status})

    def planned(self):
        """Gives an answer that is planned; whether there was one."""
        answers = self.directory.answers
        for i, (prefix, status, headers, body) in enumerate(answers):
            if self.path.startswith(prefix):
                del answers[i]
                if status is None:
                    self.close_connection = True
                else:
                    self.reply(status, body, headers)
                return True
        return False

    def handle_any(self):
        directory = self.directory
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        directory.requests.append((self.command, self.path, body.decode()))
        if self.planned():
            return
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, strict_parsing=bool(url.query)))
        if url.path == "/oauth/token":
            self.token(body)
        elif self.headers.get("Authorization") != "Bearer a-token":
            self.fault(401, "bad.credentials")
        elif not url.path.startswith("/api/v2/"):
            self.fault(404, "not.found")
        else:
            self.route(url.path[len("/api/v2/") :], query, body)

    do_GET = do_POST = handle_any

    def token(self, body):
        login = base64.b64encode(":".join(CLIENT).encode()).decode()
        if self.headers.get("Authorization") != "Basic " + login:
            self.reply(400, {"error": "invalid_client", "description": "no"})
        elif body != b"grant_type=client_credentials":
            self.reply(400, {"error": "unsupported_grant_type"})
        else:
            self.reply(
                200,
                {"access_token": "a-token", "token_type": "bearer", "expires_in": 999},
            )

    def route(self, path, query, body):
        directory = self.directory
        kind, _, rest = path.rpartition("/")
        if path == "users":
            if query.pop("state", None) != "active":
                directory.complaints.append("users of any state: " + self.path)
            active = [one for one in directory.users if one["state"] == "active"]
            self.by_number(active, query, 500, counted=True)
        elif path == "routing/queues":
            self.queues(query)
        elif path == "teams":
            start = query.pop("name").lower()
            found = directory.units["teams"]
            found = [one for one in found if one["name"].lower().startswith(start)]
            self.by_cursor(found, query)
        elif path in ("users/search", "groups/search"):
            self.search(path.split("/", maxsplit=1)[0], json.loads(body))
        elif rest == "members" and kind.rsplit("/", 1)[-1] in directory.members:
            members = directory.members[kind.rsplit("/", 1)[-1]]
            self.list_members(kind.rsplit("/", 1)[0], members, query)
        else:
            self.fault(404, "not.found")

    def list_members(self, kind, members, query):
        if kind == "teams":
            if query.pop("expand", None) != "entities":
                self.directory.complaints.append("names need expand: " + self.path)
            self.by_cursor(
                [{"id": one["id"], "name": one["name"]} for one in members], query
            )
        elif kind == "groups":
            self.by_number(members, query, 100, counted=True)
        else:
            rows = [
                {
                    "id": one["id"],
                    "name": one["name"],
                    "user": one,
                    "ringNumber": 1,
                    "joined": False,
                    "memberBy": "user",
                    "selfUri": "/x",
                }
                for one in members
            ]
            self.by_number(rows, query, 100, counted=False)

    def size(self, query, limit):
        size = int(query.pop("pageSize", "25"))
        if size > limit:
            self.directory.complaints.append(f"a page of {size}: {self.path}")
        return min(size, self.directory.page_size_max)

    def leftover(self, query):
        if query:
            self.directory.complaints.append(f"unknown {query}: {self.path}")

    def by_number(self, rows, query, limit, counted):
        size, number = self.size(query, limit), int(query.pop("pageNumber", "1"))
        self.leftover(query)
        last = max(1, -(-len(rows) // size))
        answer = {"entities": rows[(number - 1) * size : number * size]}
        answer.update(pageSize=size, pageNumber=number, selfUri="/x")
        if counted:
            answer.update(total=len(rows), pageCount=last)
        if number < last:
            answer["nextUri"] = f"/api/v2/next?pageNumber={number + 1}"
        self.reply(200, answer)

    def by_cursor(self, rows, query):
        size = self.size(query, 100)
        # As opaque as a cursor is: it has to come back as it was.
        first = int(base64.b64decode(query.pop("after", "MA==")))
        self.leftover(query)
        answer = {"entities": rows[first : first + size]}
        if first + size < len(rows):
            cursor = base64.b64encode(str(first + size).encode()).decode()
            cursor = urllib.parse.quote(cursor)
            answer["nextUri"] = f"/api/v2/teams/x?pageSize={size}&after={cursor}"
        self.reply(200, answer)

    def queues(self, query):
        pattern = query.pop("name", "*").lower()
        want = pattern.strip("*")

        def fits(name):
            if pattern.startswith("*") and pattern.endswith("*"):
                return want in name
            return name == want

        found = self.directory.units["routing/queues"]
        found = [one for one in found if fits(one["name"].lower())]
        self.by_number(found, query, 500, counted=True)

    def search(self, kind, body):
        """A criterion of type EXACT or CONTAINS, as documented, and one only."""
        (criterion,) = body.pop("query")
        size, number = body.pop("pageSize"), body.pop("pageNumber")
        wanted = criterion.pop("values", None) or [criterion.pop("value")]
        (field,) = criterion.pop("fields")
        how = criterion.pop("type")
        if body or criterion or size > 100 or number != 1 or len(wanted) > 25:
            self.directory.complaints.append(f"a strange search of {kind}")
        wanted = [one.lower() for one in wanted]
        directory = self.directory
        rows = directory.users if kind == "users" else directory.units[kind]
        found = [
            one
            for one in rows
            if any(
                (want == one[field].lower())
                if how == "EXACT"
                else (want in one[field].lower())
                for want in wanted
            )
        ]
        answer = {"results": found[:size], "total": len(found), "pageCount": 1}
        answer.update(pageSize=size, pageNumber=1)
        self.reply(200, answer)
