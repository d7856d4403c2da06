"""Puts the test database back to what the migrations left in it, after a test that committed.

Django would empty every table with TRUNCATE, what migrations had put there included: a third of a second for each test.
Here only what was written is deleted, and rows of the migrations are put back where a test changed them.
"""

from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

KEPT = "kept_for_tests"  # a schema of the test database: a copy of each table that migrations have filled
HISTORY = "django_migrations"


def is_test_database() -> bool:
    """Where no chosen test needs a database none is made, and the connection is still the site's own."""
    return bool(connection.settings_dict["NAME"] == connection.settings_dict["TEST"]["NAME"])


def remember_tables() -> None:
    """Keep a copy of what is in the tables now. Where a database is used again, the copy from its making counts."""
    assert is_test_database()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("select to_regclass(%s) is not null", [f"{KEPT}.{HISTORY}"])
        if not cursor.fetchone()[0] or _changed((HISTORY,)):
            copy_tables(KEPT, HISTORY, *_filled(_tables()))
    put_back_tables()  # what a run that was killed has left


def put_back_tables() -> None:
    """Take back what was committed since. Waits, as TRUNCATE does, for whoever is still writing."""
    assert is_test_database()
    kept = _kept()
    with connection.cursor() as cursor, transaction.atomic():
        names = ", ".join(f'public."{table}"' for table in _tables())
        cursor.execute(f"lock table {names} in share row exclusive mode")
        cursor.execute("set local saferoutes.retention = 'on'")  # else the audit trail refuses to be emptied
        changed = _changed(kept)
        for table in _filled(tuple(set(_tables()) - set(kept))):
            cursor.execute(f'delete from public."{table}"')
        paste_tables(KEPT, *changed)
    ContentType.objects.clear_cache()


def copy_tables(schema: str, *tables: str) -> None:
    """Copy these tables, or all that hold something, into that schema of the test database."""
    assert is_test_database()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(f"drop schema if exists {schema} cascade")
        cursor.execute(f"create schema {schema}")
        for table in tables or _filled(_tables()):
            cursor.execute(f'create table {schema}."{table}" as table public."{table}"')


def paste_tables(schema: str, *tables: str) -> None:
    """Make these tables hold what their copies in that schema hold."""
    assert is_test_database()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("set local saferoutes.retention = 'on'")
        for table in tables:
            cursor.execute(f'delete from public."{table}"')
        for table in tables:
            cursor.execute(f'insert into public."{table}" table {schema}."{table}"')


def tables_of(schema: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = %s", [schema])
        return tuple(name for (name,) in cursor.fetchall())


@cache
def _tables() -> tuple[str, ...]:
    """All tables that Django would empty."""
    return tuple(sorted(connection.introspection.django_table_names(only_existing=True, include_views=False)))


@cache
def _kept() -> tuple[str, ...]:
    return tuple(name for name in tables_of(KEPT) if name != HISTORY)


def _filled(tables: tuple[str, ...]) -> list[str]:
    return _those(tables, 'exists (select from public."{0}")')


def _changed(tables: tuple[str, ...]) -> list[str]:
    rows = "(select coalesce(string_agg(row::text, ' ' order by row::text), '') from {schema}.\"{{0}}\" row)"
    return _those(tables, f"{rows.format(schema='public')} <> {rows.format(schema=KEPT)}")


def _those(tables: tuple[str, ...], condition: str) -> list[str]:
    """The tables of which the condition, with the table's name in it, is true."""
    parts = [f"select '{table}' where {condition.format(table)}" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts))
        return [name for (name,) in cursor.fetchall()]
