"""Makes the database ready for Safe Routes, or says what an administrator must run.

Needs the packages of requirements.txt and the settings' database. Exit codes: 0 ready, 3 something is missing.
"""

import argparse
import sys
import warnings

from django.db import Error, NotSupportedError, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.utils import CursorWrapper

EXTENSIONS = ["postgis", "btree_gist", "pg_trgm"]
# The plain PostgreSQL side of the connection: its PostGIS side asks for every app, and takes a second to load.
warnings.filterwarnings("ignore", message="Accessing the database during app initialization")
connection = DatabaseWrapper(connections.settings["default"])


def missing_extensions(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT extname FROM pg_extension")
    present = {name for (name,) in cursor.fetchall()}
    return [name for name in EXTENSIONS if name not in present]


def unknown_to_the_server(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT name FROM pg_available_extensions")
    available = {name for (name,) in cursor.fetchall()}
    return [name for name in EXTENSIONS if name not in available]


def administrator_must_run(database: str, names: list[str]) -> str:
    commands = " ".join(f"-c 'CREATE EXTENSION IF NOT EXISTS {name}'" for name in names)
    return f"    psql -d {database} {commands}"


def problem_with_extensions(cursor: CursorWrapper) -> str:
    """Makes the extensions that are missing; a sentence if this role can't, else the empty string."""
    missing = missing_extensions(cursor)
    absent = [name for name in missing if name in unknown_to_the_server(cursor)]
    if absent:
        return (
            f"The database server doesn't have {' and '.join(absent)} installed. On the machine it runs on, an\n"
            "administrator must install PostGIS for its version (Debian: postgresql-postgis) and PostgreSQL's contrib."
        )
    database, role = connection.settings_dict["NAME"], current_role(cursor)
    for name in missing:
        try:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
        except Error:
            return (
                f'The role "{role}" may not create the extension {name} in the database "{database}".\n'
                "An administrator of that server must run once:\n\n"
                f"{administrator_must_run(database, missing_extensions(cursor))}\n"
            )
    return ""


def current_role(cursor: CursorWrapper) -> str:
    cursor.execute("SELECT current_user")
    return str(cursor.fetchone()[0])


def problem_with_test_databases(cursor: CursorWrapper) -> str:
    """Tests make databases of their own: a sentence if this role can't, else the empty string."""
    cursor.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    is_superuser, may_create = cursor.fetchone()
    if is_superuser:
        return ""
    if not may_create:
        role = current_role(cursor)
        return (
            f'Tests make a database of their own, and the role "{role}" may not.\n'
            "An administrator of that server must run once:\n\n"
            f"    psql -d postgres -c 'ALTER ROLE \"{role}\" CREATEDB'\n"
            f"{administrator_must_run('template1', EXTENSIONS)}\n"
        )
    missing = extensions_missing_in_template()
    if not missing:
        return ""
    return (
        "Tests make a database of their own, and this role may not create extensions in it.\n"
        "An administrator of that server must run once, so that new databases have them:\n\n"
        f"{administrator_must_run('template1', missing)}\n"
    )


def extensions_missing_in_template() -> list[str]:
    template = connection.copy()
    template.settings_dict["NAME"] = "template1"
    try:
        with template.cursor() as cursor:
            return missing_extensions(cursor)
    finally:
        template.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for-tests", action="store_true", help="also see that test databases can be made")
    wanted = parser.parse_args()
    try:
        with connection.cursor() as cursor:
            problem = problem_with_extensions(cursor)
            if wanted.for_tests and not problem:
                problem = problem_with_test_databases(cursor)
    except NotSupportedError as error:
        problem = str(error)
    except Error as error:
        problem = f"Can't reach the database that DATABASE_URL names:\n{error}"
    if problem:
        print(problem, file=sys.stderr)
    return 3 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
