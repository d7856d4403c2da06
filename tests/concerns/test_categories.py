"""The nineteen categories that every site starts with."""

import importlib

import pytest
from django.apps import apps

from concerns.models import Category, Question
from tests import factories

pytestmark = pytest.mark.django_db

CODES = {
    *("LIGHT_OUT", "LIGHT_NONE", "VACANT_OPEN", "VACANT_BLD", "DANGER_BLD", "VACANT_LOT", "DUMPING", "OVERGROWTH"),
    *("SIDEWALK", "TRAFFIC", "GRAFFITI", "ABAND_VEH", "SIGHTLINE", "TRANSIT", "NEEDLES", "UTILITY"),
    *("NUISANCE", "ASSET", "OTHER"),
}


def test_there_are_nineteen() -> None:
    assert set(Category.objects.values_list("code", flat=True)) == CODES


def test_o14_no_category_is_about_people() -> None:
    assert not Category.objects.filter(code__iregex="person|people|suspicious|loiter").exists()


@pytest.mark.parametrize("group", Category.Group.values)
def test_each_button_saves_exactly_one_category(group: str) -> None:
    assert Category.objects.filter(group=group, is_group_default=True).count() == 1


@pytest.mark.parametrize("code", ["VACANT_OPEN", "VACANT_BLD", "DANGER_BLD"])
def test_buildings_are_only_counted(code: str) -> None:
    assert Category.objects.get(code=code).publication_rule == "segment_count"


def test_only_repeated_trouble_is_never_public() -> None:
    assert list(Category.objects.filter(publication_rule="never").values_list("code", flat=True)) == ["NUISANCE"]


def test_only_lights_need_the_dark() -> None:
    assert set(Category.objects.filter(needs_dark=True).values_list("code", flat=True)) == {"LIGHT_OUT", "LIGHT_NONE"}


def test_everything_is_said_in_both_languages() -> None:
    for row in Category.objects.all():
        assert row.name_en
        assert row.name_es
        assert bool(row.safety_en) == bool(row.safety_es)
    for question in Question.objects.all():
        assert question.label_en
        assert question.label_es
        assert all(option["en"] and option["es"] and option["code"] for option in question.options)


def test_choices_have_answers_and_words_have_none() -> None:
    for question in Question.objects.all():
        assert bool(question.options) == (question.kind in {"one", "many"}), question


def test_the_migration_keeps_what_an_admin_edited() -> None:
    migration = importlib.import_module("concerns.migrations.0005_categories")
    Category.objects.filter(code="DUMPING").update(name_en="Fly-tipping")
    Question.objects.filter(category__code="DUMPING", code="alley").delete()
    Category.objects.filter(code="ASSET").delete()
    migration.add_categories(apps, None)
    assert Category.objects.get(code="DUMPING").name_en == "Fly-tipping"
    assert not Question.objects.filter(category__code="DUMPING", code="alley").exists()
    assert Category.objects.get(code="ASSET").questions.count() == 2


def test_taking_the_migration_back_keeps_a_category_in_use() -> None:
    migration = importlib.import_module("concerns.migrations.0005_categories")
    factories.make_concern(category="DUMPING")
    migration.remove_unused_categories(apps, None)
    assert list(Category.objects.values_list("code", flat=True)) == ["DUMPING"]
