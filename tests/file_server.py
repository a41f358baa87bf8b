"""A real HTTP server on 127.0.0.1 that behaves as a test tells it, request by request."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer: a status and a body, of which ``sent`` bytes go out before the connection ends or stalls.

    ``ranges``: answer a Range request with 206 if its If-Range fits ``etag``; ``careless``: whatever If-Range says.
    ``shift`` starts a partial answer that many bytes off. ``length`` False leaves Content-Length out.
    """

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    etag: str | None = None
    ranges: bool = False
    careless: bool = False
    shift: int = 0
    length: bool = True
    sent: int | None = None
    stall: float = 0.0
    trickle: float = 0.0


class FileServer:
    """Serves lists of answers by path; the last one of a list is repeated. ``requests`` holds (path, headers)."""

    def __init__(self):
        self.answers = defaultdict(list)
        self.requests = []
        self._stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests.append((self.path, dict(self.headers)))
                answers = outer.answers[self.path]
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                outer._answer(self, answer)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def serve(self, path, *answers):
        """Set the answers of a path and return its address."""
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def close(self):
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def ranges_asked(self):
        return [headers.get("Range") for _, headers in self.requests]

    def _answer(self, handler, answer):
        handler.close_connection = True
        status, body = answer.status, answer.body
        asked = handler.headers.get("Range")
        extra = {}
        if asked and answer.ranges and (answer.careless or handler.headers.get("If-Range") == answer.etag):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                status, body = 416, b""
            else:
                start += answer.shift
                extra["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                status, body = 206, body[start:]
        handler.send_response(status)
        for name, value in {**answer.headers, **extra}.items():
            handler.send_header(name, value)
        if answer.etag:
            handler.send_header("ETag", answer.etag)
        if answer.length:
            handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        sent = body if answer.sent is None else body[: answer.sent]
        if answer.trickle:
            for position in range(len(sent)):
                if self._stopped.is_set():
                    return
                handler.wfile.write(sent[position : position + 1])
                handler.wfile.flush()
                time.sleep(answer.trickle)
        else:
            handler.wfile.write(sent)
            handler.wfile.flush()
        self._stopped.wait(answer.stall)
