"""A migrated database that every worker of a run begins with a copy of: copying takes a second, migrating twenty.

    python -m tests.made_database make|drop NAME

`script/test` makes it while the linters run and names it in TEST_DATABASE_TEMPLATE.
"""

import os
import sys

import django


def make(name: str) -> None:
    from django.db import connection

    connection.settings_dict["TEST"] |= {"NAME": name, "TEMPLATE": None}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def drop(name: str) -> None:
    from django.db import connection

    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f"drop database if exists {connection.ops.quote_name(name)}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saferoutes.settings")
    django.setup()
    {"make": make, "drop": drop}[sys.argv[1]](sys.argv[2])
