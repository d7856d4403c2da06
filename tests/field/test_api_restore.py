"""After a restore from a backup the epoch is another one; what phones offer again is there exactly once."""

import os
import subprocess
import uuid
from pathlib import Path
from shutil import copytree, rmtree, which

import pytest
from django.db import connection

from concerns.models import Concern, Photo
from field.models import Receipt
from office.models import Coalition
from tests.field.phone import DAY_KINDS, Phone, make_jpeg
from tests.field.test_api_day import MODELS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(which("pg_dump") is None, reason="pg_dump isn't installed"),
]


def run(*command: str, **options: str) -> None:
    where = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = os.environ | {names[key]: str(value) for key, value in where.items() if key in names and value}
    subprocess.run(command, check=True, capture_output=True, env=environment | options)


def back_up(folder: Path, media: Path) -> None:
    # Only the site's own schema: the tests keep copies of tables beside it.
    left_out = ["--exclude-table=spatial_ref_sys", "--exclude-table=django_migrations"]
    run("pg_dump", "--data-only", "--schema=public", *left_out, "--file", str(folder / "data.sql"))
    copytree(media, folder / "media")


def restore(folder: Path, media: Path) -> None:
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        cursor.execute("truncate " + ", ".join(f'"{name}"' for name in names) + " cascade")
    # Rows that point at each other come back in any order.
    run("psql", "-v", "ON_ERROR_STOP=1", "-q", "-f", str(folder / "data.sql"),
        PGOPTIONS="-c session_replication_role=replica")  # fmt: skip
    rmtree(media)
    copytree(folder / "media", media)
    coalition = Coalition.current()
    coalition.epoch = uuid.uuid4()
    coalition.save(update_fields=["epoch"])


KEPT = {"spatial_ref_sys", "django_migrations"}


def test_what_phones_offer_again_after_a_restore_is_there_exactly_once(settings, tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    settings.MEDIA_ROOT = media
    phone, epochs = Phone(), set()
    data = {name: make_jpeg(color=name) for name in ("navy", "olive")}
    bodies, photos = {}, {}

    def offer(path: str, client_id: str) -> str:
        said = phone.send(f"{path}/{client_id}/", bodies[path, client_id])
        assert said.status_code in {200, 201}
        epochs.add(said.json()["epoch"])
        for photo_id, color in photos.get(client_id, {}).items():
            assert phone.put_photo(client_id, photo_id, data[color]).status_code in {200, 201}
        return phone.send(f"{path}/{client_id}/", bodies[path, client_id]).json()["state"]

    def note(color: str) -> None:
        """A concern with a photo and one record of every kind of the day, sent at once."""
        client_id, photo_id = str(uuid.uuid4()), str(uuid.uuid4())
        bodies["concerns", client_id] = phone.concern(note=color, photos=[photo_id])
        photos[client_id] = {photo_id: color}
        for path in DAY_KINDS:
            bodies[path, str(uuid.uuid4())] = phone.day_body(path)
        for path, one in list(bodies)[-1 - len(DAY_KINDS) :]:
            assert offer(path, one) == "complete"

    note("navy")
    (tmp_path / "backup").mkdir()
    back_up(tmp_path / "backup", media)
    note("olive")
    restore(tmp_path / "backup", media)
    assert Concern.objects.count() == Photo.objects.count() == 1

    states = {offer(path, client_id) for path, client_id in bodies}

    assert states == {"complete"}
    assert len(epochs) == 2
    assert set(Concern.objects.values_list("note", flat=True)) == {"navy", "olive"}
    assert Receipt.objects.count() == len(bodies) == 2 * (1 + len(DAY_KINDS))
    assert [model.objects.count() for model in (Concern, Photo, *MODELS.values())] == [2] * (2 + len(MODELS))
    held = {Path(media, photo.original.name).read_bytes() for photo in Photo.objects.all()}
    assert held == set(data.values())
