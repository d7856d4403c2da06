"""Secret keys that live in `var/` and are part of the backup (see docs/architecture.md, "Keys")."""

import os
import secrets
from pathlib import Path


def read_or_make_key(path: Path) -> str:
    """The key kept in the file, made on first use: 64 URL-safe characters, mode 0600.

    Two processes that start together agree, since only one of them can create the file.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as handle:
        handle.write(secrets.token_urlsafe(48))
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
