"""A city's GeoReport server for tests, run as a process of its own: correct, or as wrong as it is told to be.

`python tests/open311/fake_city.py` prints its port. What it does next is told by POST to /control: `post` and `get` are
lists of behaviours for the next calls (afterwards it is correct again), `requests` replaces what it holds, `key` is the
one it takes, `shows_words` whether its list repeats descriptions. GET /control tells what it was asked.
"""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

FRESH: dict[str, Any] = {
    "post": [], "get": [], "requests": [], "tokens": {}, "key": "", "shows_words": True, "one_at_a_time": False,
    "asked": [],
}  # fmt: skip


class City(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: dict[str, Any] = {}
    lock = threading.Lock()

    def log_message(self, *words: Any) -> None:
        pass

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if path == "/control":
            return self.say(200, self.state, "json")
        self.state["asked"].append({"method": "GET", "path": path, "query": query, "host": self.headers["Host"]})
        stem, _dot, form = path.rpartition(".")
        if self.misbehave(self.next("get"), form):
            return None
        if stem.endswith("/requests"):
            return self.say(200, self.listed(query), form)
        if "/tokens/" in stem:
            number = self.state["tokens"].get(stem.rpartition("/")[2])
            if number is None:
                return self.say(404, [{"code": 404, "description": "token was not found"}], form, "errors")
            return self.say(200, [{"service_request_id": number, "token": stem.rpartition("/")[2]}], form)
        one = [r for r in self.shown() if r["service_request_id"] == stem.rpartition("/")[2]]
        return self.say(200 if one else 404, one or [{"code": 404, "description": "not found"}], form)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path = urlsplit(self.path).path
        if path == "/control":
            with self.lock:
                told = json.loads(body)
                if told.pop("reset", False):
                    self.state.clear()
                    self.state.update(json.loads(json.dumps(FRESH)))
                self.state.update(told)
            return self.say(200, {}, "json")
        fields = {name: values if len(values) > 1 else values[0] for name, values in parse_qs(body).items()}
        self.state["asked"].append({"method": "POST", "path": path, "fields": fields, "host": self.headers["Host"]})
        form, behaviour = path.rpartition(".")[2], self.next("post")
        if self.state["key"] and fields.get("api_key") != self.state["key"]:
            return self.say(403, [{"code": 403, "description": "Invalid api_key received"}], form, "errors")
        if behaviour.startswith("filed-"):  # it is filed, and then the answer goes wrong
            self.file(fields)
            behaviour = behaviour.removeprefix("filed-")
        if self.misbehave(behaviour, form):
            return None
        if behaviour.startswith("number:"):
            return self.say(200, [{"service_request_id": behaviour[7:]}], form)
        if behaviour == "nothing":
            return self.say(200, [{"service_notice": "Thank you"}], form)
        if behaviour == "token":
            return self.say(200, [{"token": "t-1"}], form)
        number = self.file(fields)
        return self.say(201, [{"service_request_id": number, "service_notice": "We look at it."}], form)

    def next(self, kind: str) -> str:
        with self.lock:
            return self.state[kind].pop(0) if self.state[kind] else "ok"

    def file(self, fields: dict[str, Any]) -> str:
        with self.lock:
            number = f"C-{len(self.state['requests']) + 1}"
            self.state["requests"].append({
                "service_request_id": number, "status": "open", "service_code": fields.get("service_code"),
                "description": fields.get("description"), "address": fields.get("address_string"),
                "lat": fields.get("lat"), "long": fields.get("long"),
                "requested_datetime": datetime.now(UTC).isoformat(timespec="seconds"),
            })  # fmt: skip
        return number

    def shown(self) -> list[dict[str, Any]]:
        left_out = set() if self.state["shows_words"] else {"description"}
        return [{k: v for k, v in r.items() if k not in left_out and v is not None} for r in self.state["requests"]]

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        if "service_request_id" in query:
            wanted = query["service_request_id"].split(",")
            if self.state["one_at_a_time"] and len(wanted) > 1:
                return []
            return [r for r in self.shown() if r["service_request_id"] in wanted]
        return [r for r in self.shown() if r["service_code"] == query.get("service_code")]

    def misbehave(self, how: str, form: str) -> bool:
        """Do what was asked for instead of a right answer. Returns whether there was anything."""
        kind, _colon, value = how.partition(":")
        if kind == "status":
            self.say(int(value), [{"code": int(value), "description": f"We say {value}"}], form, "errors")
        elif kind == "redirect":
            code, _colon, target = value.partition(":")
            self.raw(int(code), b"", "text/html", Location=target)
        elif kind == "html":
            self.raw(200, b"<html>Welcome to our portal</html>", "text/html")
        elif kind == "broken":
            self.raw(200, b'[{"service_request_id": "C-', "application/json")
        elif kind == "other":
            self.say(200, [{"service_request_id": "SOMEBODY-ELSE", "status": "closed"}], form)
        elif kind == "big":
            self.raw(200, b'["' + b"x" * 10_000_000 + b'"]', "application/json")
        elif kind == "bomb":
            self.raw(200, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><service_requests>&a;</service_requests>', "text/xml")
        elif kind == "gzip":
            self.raw(200, b"\x1f\x8b not looked at", "application/json", **{"Content-Encoding": "gzip"})
        elif kind == "short":
            self.raw(200, b"[]", "application/json", length=900)
        elif kind == "drip":
            self.drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n")
        elif kind == "drip-head":
            self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif kind == "silent":
            self.close_connection = True
            time.sleep(float(value or 0))
            self.connection.close()
        else:
            return False
        return True

    def drip(self, head: bytes) -> None:
        self.close_connection = True
        try:
            self.wfile.write(head)
            while True:
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    def say(self, status: int, content: Any, form: str, root: str = "service_requests") -> None:
        if form == "xml":
            inner = {"errors": "error"}.get(root, "request")
            records = "".join(
                f"<{inner}>" + "".join(f"<{k}>{_escape(v)}</{k}>" for k, v in one.items()) + f"</{inner}>"
                for one in content
            )
            body = f'<?xml version="1.0" encoding="utf-8"?><{root}>{records}</{root}>'.encode()
            self.raw(status, body, "text/xml; charset=utf-8")
        else:
            self.raw(status, json.dumps(content).encode(), "application/json; charset=utf-8")

    def raw(self, status: int, body: bytes, kind: str, *, length: int | None = None, **headers: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if length is not None:
                self.close_connection = True
        except OSError:
            self.close_connection = True


def _escape(value: Any) -> str:
    return str(value).replace("&", "&amp;").replace("<", "&lt;")


if __name__ == "__main__":
    City.state.update(json.loads(json.dumps(FRESH)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), City)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()
