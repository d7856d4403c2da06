"""What the static storage leaves out of our own scripts and styles."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from office.static_files import ASIDES, COMMENTS, bare, tight, without_comments
from saferoutes.storage import StaticStorage

OURS = sorted(
    file
    for folder in ("js", "field", "css")
    for file in (settings.BASE_DIR / "static" / folder).iterdir()
    if file.suffix in (".js", ".css")
)


def test_comments_on_lines_of_their_own_go_and_nothing_else() -> None:
    source = 'import a from "./a.js"; // kept\n// gone\n  // gone, too\n/** gone\n * as well\n */\nconst b = "http://c/*d*/";\n'
    assert without_comments(source) == 'import a from "./a.js"; // kept\nconst b = "http://c/*d*/";\n'


def test_indentation_and_empty_lines_go_and_lines_stay() -> None:
    assert bare("a {\n\n  b:\n    c;\n}\n") == "a {\nb:\nc;\n}\n"


def test_comments_at_the_end_of_a_line_go_and_addresses_stay() -> None:
    assert bare('f(); // why\nconst at = "http://c/"; // where\n') == 'f();\nconst at = "http://c/";\n'


def test_spaces_stay_in_texts_templates_and_patterns_and_where_they_mean_something() -> None:
    assert tight('const a = { b: "x = y, z" };\nreturn a;\n') == 'const a={b:"x = y, z"};return a;'
    kept = ["`${a} , ${b}`;", "/ = /.test(a);", "a + +b - -c;", '"it\\" = s";']
    for line in kept:
        assert tight(line) == line
    assert tight("if (a)\nb();\n") == "if(a)\nb();"
    once = tight("const a = { b: 1 };\nf(`a = ${b}`);\n")
    assert tight(once) == once


def test_files_are_kept_without_their_comments_and_other_peoples_as_they_are(tmp_path: Path) -> None:
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    for name in ("field/a.js", "vendor/a.js"):
        storage.save(name, ContentFile(b"// a comment\nlet a;\n"))
    assert (tmp_path / "field/a.js").read_text() == "let a;"
    assert (tmp_path / "vendor/a.js").read_text() == "// a comment\nlet a;\n"


def test_a_named_twin_holds_the_same(tmp_path: Path) -> None:
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    storage.save("field/a.js", ContentFile(b"// a comment\nlet a;\n"))
    list(storage.post_process({"field/a.js": (storage, "field/a.js")}))
    twins = [file.read_text() for file in tmp_path.glob("field/a.*.js")]
    assert twins == ["let a;"]


@pytest.mark.parametrize("file", [file for file in OURS if file.suffix == ".js"], ids=lambda file: file.name)
def test_no_text_between_backticks_looks_like_a_comment(file: Path) -> None:
    """Such a line would be lost: no comment may begin while a template literal is open."""
    source = file.read_text()
    for comment in COMMENTS.finditer(source):
        before = re.sub(r"\\`|//.*", "", without_comments(source[: comment.start()]))
        assert before.count("`") % 2 == 0, comment[0]


@pytest.mark.parametrize("file", [file for file in OURS if file.suffix == ".js"], ids=lambda file: file.name)
def test_no_text_between_backticks_goes_on_indented(file: Path) -> None:
    """Its spaces would be lost."""
    source = re.sub(r"\\`|//.*", "", without_comments(file.read_text()))
    for at in re.finditer(r"\n[ \t]+|\n\n", source):
        assert source[: at.start()].count("`") % 2 == 0, source[at.start() : at.end() + 40]


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_what_looks_like_a_comment_at_the_end_of_a_line_stands_in_no_text(file: Path) -> None:
    source = without_comments(file.read_text())
    for aside in ASIDES.finditer(source):
        line = source[source.rfind("\n", 0, aside.start()) + 1 : aside.start()]
        assert line.count('"') % 2 == line.count("`") % 2 == 0, line
