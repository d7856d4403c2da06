"""Plays a mail server on this machine: in a thread, or as a process of its own that can be killed.

    python tests/mail_server.py '{"RCPT": "550 no such person"}' LETTERS

prints its port, and writes each letter it took into the file LETTERS, parted by a line of dashes.
"""

import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any


class MailServer:
    """Plays a mail server on this machine: `answers` says what it replies to MAIL, RCPT or the end of DATA."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.letters: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                caller, _address = self.listener.accept()
            except OSError:
                return
            with caller, caller.makefile("rwb") as talk:
                self.talk(talk)

    def talk(self, talk: Any) -> None:
        def say(line: str) -> None:
            talk.write(f"{line}\r\n".encode())
            talk.flush()

        say("220 test")
        while line := talk.readline().decode().strip():
            verb = line[:4].upper()
            answer = self.answers.get(verb, "250 ok")
            if answer == "hang up":
                return
            if answer == "hang":
                threading.Event().wait()
            if verb == "DATA":
                say("354 go on")
                self.letters.append(self.read_letter(talk))
                answer = self.answers.get("END", "250 taken")
                if answer == "hang":
                    threading.Event().wait()
                if answer == "hang up":
                    return
            say("221 bye" if verb == "QUIT" else answer)
            if verb == "QUIT":
                return

    def read_letter(self, talk: Any) -> str:
        lines = []
        while (line := talk.readline()) not in {b".\r\n", b""}:
            lines.append(line.decode())
        return "".join(lines)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def main() -> None:
    answers, letters = json.loads(sys.argv[1]), Path(sys.argv[2])
    server = MailServer(answers)
    print(server.port, flush=True)
    seen = 0
    while True:
        threading.Event().wait(0.02)
        if len(server.letters) > seen:
            seen = len(server.letters)
            letters.write_text("\n-----\n".join(server.letters))


if __name__ == "__main__":
    main()
