"""The arrow between the rooms: each imports only what stands to its left. Reads the source; needs no database."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import is_psycopg3

ROOT = Path(__file__).resolve().parent.parent
# Rooms that stand side by side share a number: neither may import the other.
ORDER = {
    "office": 0,
    "people": 1,
    "corridors": 2,
    "walks": 3,
    "concerns": 4,
    "outreach": 5,
    "field": 6,
    "open311": 6,
    "insights": 6,
    "saferoutes": 7,
}
# Inside a room: a module may import what stands to its left. Modules that aren't named here only have to stay out of
# the way: nothing to the left of forms may import one of the last four.
INSIDE = ["models", "actions", "forms", "views", "urls"]
LATE = {"forms", "views", "urls", "admin"}
EARLY_BY_NAME = {"models", "access", "actions", "geometry", "workflow", "roles", "recurrence", "public"}
FOREIGN_KEYS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


class Arrow(NamedTuple):
    """Something in `source` (a path) that needs `target` (a dotted name)."""

    source: str
    line: int
    target: str

    @property
    def room(self) -> str:
        return self.source.partition("/")[0]

    @property
    def target_room(self) -> str:
        return self.target.partition(".")[0].lower()

    @property
    def module(self) -> str:
        return self.source.partition("/")[2].removesuffix(".py").partition("/")[0]

    @property
    def target_module(self) -> str:
        return self.target.partition(".")[2].partition(".")[0]


def imports_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "relative.import"
        elif isinstance(node, ast.Call) and name_of(node.func) in {"import_module", "import_string", "get_model"}:
            yield from ((node.lineno, text) for text in texts_in(node.args[:1]))


def foreign_keys_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Targets written as text: `ForeignKey("walks.Walk")`, also as `to=`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in FOREIGN_KEYS:
            targets = node.args[:1] + [keyword.value for keyword in node.keywords if keyword.arg in {"to", "through"}]
            yield from ((node.lineno, text) for text in texts_in(targets) if "." in text)


def migration_dependencies_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in {"dependencies", "run_before"} for target in node.targets
        ):
            for pair in ast.walk(node.value):
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                    yield from ((pair.lineno, f"{text}.migrations") for text in texts_in(pair.elts[:1]))


def name_of(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def texts_in(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def arrows_in(source: str, text: str) -> list[Arrow]:
    """Every arrow in one file that points at a room."""
    tree = ast.parse(text)
    found = [*imports_in(tree), *foreign_keys_in(tree)]
    if "/migrations/" in source:
        found += migration_dependencies_in(tree)
    arrows = [Arrow(source, line, target) for line, target in found]
    return [arrow for arrow in arrows if arrow.target_room in ORDER or arrow.target_room == "relative"]


def fault_of(arrow: Arrow) -> str | None:
    """Why an arrow may not be; None where it may."""
    if arrow.target_room == "relative":
        return "relative imports hide the arrow"
    if arrow.room != arrow.target_room:
        runs_left = ORDER[arrow.target_room] < ORDER[arrow.room]
        return None if runs_left else f"{arrow.room} may not know {arrow.target_room}"
    return fault_inside(arrow)


def fault_inside(arrow: Arrow) -> str | None:
    here, there = arrow.module, arrow.target_module
    if here in INSIDE and there in INSIDE and INSIDE.index(there) > INSIDE.index(here):
        return f"{here}.py may not import {there}.py"
    if here in EARLY_BY_NAME and there in LATE:
        return f"{here}.py may not import {there}.py"
    if here == "models" and there == "actions":
        return "models.py may not import actions.py"
    return None


def source_files() -> list[Path]:
    return sorted(path for room in ORDER for path in (ROOT / room).rglob("*.py"))


def faults_in(source: str, text: str) -> list[str]:
    found = ((arrow, fault_of(arrow)) for arrow in arrows_in(source, text))
    return [f"{arrow.source}:{arrow.line} {arrow.target}: {fault}" for arrow, fault in found if fault]


def test_every_arrow_runs_to_the_left():
    files = source_files()
    assert len(files) > 50
    faults = [
        fault
        for path in files
        for fault in faults_in(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("office/models.py", "from people.models import User"),
        ("office/worker.py", "import concerns.photos"),
        ("walks/actions.py", "def f():\n    from concerns.models import Concern"),
        ("walks/models.py", "x = models.ForeignKey('concerns.Concern', models.CASCADE)"),
        ("walks/models.py", "x = models.ForeignKey(to='field.Receipt', on_delete=models.CASCADE)"),
        ("corridors/migrations/0002_x.py", "class M:\n    dependencies = [('walks', '0001_initial')]"),
        ("field/views.py", "from saferoutes.health import healthz"),
        ("field/views.py", "from insights.models import Snapshot"),
        ("people/views.py", "import_string('walks.models.Walk')"),
        ("people/views.py", "from .models import User"),
        ("walks/models.py", "from walks.actions import sign_up"),
        ("walks/actions.py", "from walks.forms import SignUpForm"),
        ("walks/forms.py", "from walks import views"),
        ("walks/access.py", "from walks.views import detail"),
        ("concerns/workflow.py", "from concerns.admin import ConcernAdmin"),
    ],
)
def test_it_sees_an_arrow_that_runs_the_wrong_way(source, text):
    assert len(faults_in(source, text)) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("people/models.py", "from office.models import Coalition"),
        ("saferoutes/urls.py", "from field.models import Receipt"),
        ("walks/views.py", "from walks.forms import SignUpForm\nfrom walks.actions import sign_up"),
        ("walks/models.py", "x = models.ForeignKey('corridors.Corridor', models.PROTECT)"),
        ("walks/migrations/0001_initial.py", "class M:\n    dependencies = [('corridors', '0001_initial')]"),
    ],
)
def test_it_lets_an_arrow_to_the_left_be(source, text):
    assert faults_in(source, text) == []


def test_pure_modules_know_nothing_of_ours():
    pure = [path for path in source_files() if path.name in {"geometry.py", "workflow.py", "roles.py", "recurrence.py"}]
    assert pure
    known = [arrow for path in pure for arrow in arrows_in(path.relative_to(ROOT).as_posix(), path.read_text())]
    assert known == []


def test_the_rooms_stand_in_the_settings_in_their_order():
    listed = [app.partition(".")[0] for app in settings.INSTALLED_APPS if app.partition(".")[0] in ORDER]
    assert listed == sorted(listed, key=ORDER.__getitem__)


def test_django_talks_through_psycopg2():
    # A package that brings psycopg 3 along would silently change the driver under every query.
    assert is_psycopg3 is False
