"""Our categories as GeoReport services, our questions as their attributes."""

from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from concerns.models import Category, Question
from office.text import in_language
from open311.output import Problem, without_empty

DATATYPES = {
    Question.Kind.ONE: "singlevaluelist",
    Question.Kind.MANY: "multivaluelist",
    Question.Kind.TEXT: "string",
    Question.Kind.NUMBER: "number",
}


def services() -> list[dict[str, Any]]:
    """Every category in use. One query."""
    asked = Count("questions", filter=Q(questions__is_active=True))
    return [_service(category) for category in Category.objects.filter(is_active=True).annotate(n_asked=asked)]


def _service(category: Any) -> dict[str, Any]:
    return without_empty(
        {
            "service_code": category.code,
            "service_name": category.name,
            "description": category.safety,
            "metadata": category.n_asked > 0,
            "type": "realtime",
            "keywords": category.get_group_display(),
            "group": category.get_group_display(),
        }
    )


def service_of(code: str) -> Category:
    """The category with its questions in use. Two queries. Raises Problem 404."""
    questions = Prefetch("questions", queryset=Question.objects.filter(is_active=True).order_by("position", "code"))
    category = Category.objects.filter(is_active=True, code=code).prefetch_related(questions).first()
    if category is None:
        raise Problem(404, _("service_code %(code)s was not found.") % {"code": code[:40]})
    return category


def definition(category: Category) -> dict[str, Any]:
    """The service definition: what may be said beside where and what."""
    return {
        "service_code": category.code,
        "attributes": [_attribute(question, order) for order, question in enumerate(category.questions.all(), start=1)],
    }


def _attribute(question: Question, order: int) -> dict[str, Any]:
    attribute = {
        "variable": True,
        "code": question.code,
        "datatype": DATATYPES[Question.Kind(question.kind)],
        "required": False,
        "datatype_description": "",
        "order": order,
        "description": in_language(question, "label"),
    }
    if question.options and question.kind in (Question.Kind.ONE, Question.Kind.MANY):
        attribute["values"] = [{"key": option["code"], "name": _option(option)} for option in question.options]
    return attribute


def _option(option: dict[str, str]) -> str:
    return option.get((get_language() or "en")[:2]) or option["en"]
