"""Our own scripts and styles as browsers get them: without comments and indentation, which serve who reads them."""

import re
from fnmatch import fnmatch

OUR_MODULES = ("js/*.js", "field/*.js")
OUR_FILES = (*OUR_MODULES, "css/*.css", "field/*.css")
COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
# Line ends stay, so that nothing depends on semicolons. No text in our scripts goes on, indented, on a next line.
# At the end of a line, where no text between quotes can be: a test looks at each.
ASIDES = re.compile(r"(?<=[;{}(),>\]]) +// [^\n]*$", re.MULTILINE)
INDENTS = re.compile(r"^(?:[ \t]*\n|[ \t]+)", re.MULTILINE)


def is_ours(name: str) -> bool:
    """Whether a static file is one of ours, and no library's."""
    return any(fnmatch(name, ours) for ours in OUR_FILES)


def as_served(name: str, source: str) -> str:
    """The text of a static file as browsers get it, but for the names in its import lines."""
    return bare(source) if is_ours(name) else source


def bare(source: str) -> str:
    """Our JavaScript or CSS without comments, indentation and empty lines."""
    return INDENTS.sub("", ASIDES.sub("", without_comments(source)))


def without_comments(source: str) -> str:
    """Our JavaScript or CSS without the comments that have lines of their own."""
    return COMMENTS.sub("", source)
