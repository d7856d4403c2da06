"""Two people at one concern at the same moment, on the real database: one wins, the other is told, nothing is lost."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from concerns import actions
from concerns.models import Concern, ConcernUpdate
from office.refused import Refused
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _categories(transactional_db: None) -> Iterator[None]:
    """These tests empty the tables, the categories of the migration too."""
    _load()
    yield
    _load()


def _load() -> None:
    import importlib

    importlib.import_module("concerns.migrations.0005_categories").add_categories(apps, None)


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run the jobs in threads of their own that start together; "" or the refusal of each."""
    start = threading.Barrier(len(jobs))
    results = ["never finished"] * len(jobs)

    def run(i: int, job: Callable[[], object]) -> None:
        start.wait()
        try:
            job()
            results[i] = ""
        except Refused as refusal:
            results[i] = refusal.message
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return results


def copy(concern: Concern) -> Any:
    return Concern.objects.get(pk=concern.pk)


@pytest.mark.parametrize("_run", range(5))
def test_two_publish_and_one_wins(_run: int, organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    one, two = copy(concern), copy(concern)
    results = at_once(
        lambda: actions.publish_concern(concern=one, by=organizer, text="Odessa’s words"),
        lambda: actions.publish_concern(concern=two, by=admin, text="Ada’s words"),
    )
    assert sorted(map(bool, results)) == [False, True]
    refusal = "".join(results)
    assert "Odessa’s words" in refusal
    assert "Ada’s words" in refusal
    won = "Odessa’s words" if results[0] == "" else "Ada’s words"
    assert copy(concern).public_text == won
    assert ConcernUpdate.objects.filter(kind="publication").count() == 1


def test_two_move_and_one_wins(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    one, two = copy(concern), copy(concern)
    results = at_once(
        lambda: actions.move_concern(concern=one, to="in_progress", by=organizer),
        lambda: actions.move_concern(concern=two, to="monitoring", by=admin),
    )
    assert sorted(map(bool, results)) == [False, True]
    assert ConcernUpdate.objects.filter(kind="status").count() == 1


@pytest.mark.parametrize("_run", range(5))
def test_two_merge_each_into_the_other_and_there_is_no_circle(_run: int, organizer: User, admin: User) -> None:
    a, b = factories.make_concern(), factories.make_concern()
    a1, b1, a2, b2 = copy(a), copy(b), copy(a), copy(b)
    results = at_once(
        lambda: actions.mark_duplicate(concern=a1, of=b1, by=organizer),
        lambda: actions.mark_duplicate(concern=b2, of=a2, by=admin),
    )
    assert sorted(map(bool, results)) == [False, True]
    assert Concern.objects.filter(status="duplicate").count() == 1


def test_many_merge_into_one_another_without_waiting_for_each_other_forever(organizer: User) -> None:
    rows = [factories.make_concern() for _n in range(4)]
    pairs = [(copy(x), copy(y)) for x in rows for y in rows if x != y]
    jobs = [lambda x=x, y=y: actions.mark_duplicate(concern=x, of=y, by=organizer) for x, y in pairs]
    results = at_once(*jobs)
    assert "never finished" not in results
    roots = Concern.objects.filter(duplicate_of=None)
    assert roots.count() >= 1
    assert not Concern.objects.filter(duplicate_of__duplicate_of__isnull=False).exists()


def test_publishing_and_hiding_at_once_never_leaves_a_lost_line(organizer: User, admin: User) -> None:
    concern = factories.make_concern()
    one, two = copy(concern), copy(concern)
    at_once(
        lambda: actions.publish_concern(concern=one, by=organizer, text="x"),
        lambda: actions.hide_concern(concern=two, by=admin, reason="x"),
    )
    last = ConcernUpdate.objects.filter(kind="publication").order_by("-id").first()
    assert last is not None
    assert copy(concern).publication == last.to_value == "hidden"


def test_a_worker_takes_only_photos_that_no_other_has(organizer: User, settings: Any, tmp_path: Any) -> None:
    import io

    from PIL import Image

    from concerns.models import Photo
    from concerns.photos import keep_original, process_waiting

    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    concerns = [factories.make_concern() for _n in range(6)]
    for n, concern in enumerate(concerns):
        data = out.getvalue() + bytes([n])
        keep_original(concern=concern, device=None, client_id=None, position=0, data=data)
    done: list[int] = []
    at_once(lambda: done.append(process_waiting()), lambda: done.append(process_waiting()))
    assert sum(done) == 6
    assert Photo.objects.filter(state="ready").count() == 6
