"""Our own scripts and styles as browsers get them: without comments, indentation and spaces between signs."""

import re
from fnmatch import fnmatch

OUR_MODULES = ("js/*.js", "field/*.js")
OUR_FILES = (*OUR_MODULES, "css/*.css", "field/*.css")
COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
# Line ends stay, so that nothing depends on semicolons. No text in our scripts goes on, indented, on a next line.
# At the end of a line, where no text between quotes can be: a test looks at each.
ASIDES = re.compile(r"(?<=[;{}(),>\]]) +// [^\n]*$", re.MULTILINE)
# Between signs no space means anything; + and - stay apart, since two of them together are another sign. Only in lines
# without a template or a slash: where texts and patterns begin and end there takes a parser to know.
SPACES = re.compile(r" ?([=<>!&|?:*%,;(){}\[\]]) ?")
ENDS = re.compile(r"(?<=[;{,(\[])\n")  # where a line can end without anything ending
TEXTS = re.compile(r"(\"[^\"\\]*\"|'[^'\\]*')")
INDENTS = re.compile(r"^(?:[ \t]*\n|[ \t]+)", re.MULTILINE)


def is_ours(name: str) -> bool:
    """Whether a static file is one of ours, and no library's."""
    return any(fnmatch(name, ours) for ours in OUR_FILES)


def as_served(name: str, source: str) -> str:
    """The text of a static file as browsers get it, but for the names in its import lines."""
    if not is_ours(name):
        return source
    return tight(bare(source)) if name.endswith(".js") else bare(source)


def bare(source: str) -> str:
    """Our JavaScript or CSS without comments, indentation and empty lines."""
    return INDENTS.sub("", ASIDES.sub("", without_comments(source)))


def tight(script: str) -> str:
    """A bare script without spaces around signs, in few lines. Texts stay as they are."""
    return ENDS.sub("", "".join(_tight_line(line) for line in script.splitlines(keepends=True)))


def _tight_line(line: str) -> str:
    if any(sign in line for sign in "`/\\"):
        return line
    parts = TEXTS.split(line)
    parts[::2] = [SPACES.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts)


def without_comments(source: str) -> str:
    """Our JavaScript or CSS without the comments that have lines of their own."""
    return COMMENTS.sub("", source)
