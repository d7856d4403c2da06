"""The addresses of the weekly page."""

from datetime import date

from django.urls import URLPattern, URLResolver, path, register_converter

from insights import week_shown_views, week_views


class Monday:
    """A Monday as 2026-11-16; any other day leads nowhere."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if day.weekday():
            raise ValueError("no Monday")
        return day

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(Monday, "monday")

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/insights/week/", week_views.week_list, name="week_list"),
    path("desk/insights/week/count/", week_views.week_count, name="week_count"),
    path("desk/insights/week/readers/", week_views.week_readers_page, name="week_readers"),
    path("desk/insights/week/readers/contacts/", week_views.week_readers_contacts, name="week_readers_contacts"),
    path("desk/insights/week/readers/<uuid:reader_id>/", week_views.week_reader, name="week_reader"),
    path("desk/insights/week/<monday:monday>/", week_views.week, name="week"),
    path("desk/insights/week/<monday:monday>.pdf", week_views.week_file, name="week_pdf"),
    path("desk/insights/week/<monday:monday>/send/", week_views.week_send, name="week_send"),
    path("desk/insights/week/<monday:monday>/take-back/", week_views.week_take_back, name="week_take_back"),
    path("partner/week/", week_shown_views.partner_week_latest, name="partner_week_latest"),
    path("partner/week/<monday:monday>/", week_shown_views.partner_week, name="partner_week"),
    path("partner/week/<monday:monday>.pdf", week_shown_views.partner_week_pdf, name="partner_week_pdf"),
    path("week/<str:token>/", week_shown_views.week_link, name="week_link"),
    path("week/<str:token>/<monday:monday>.pdf", week_shown_views.week_link_pdf, name="week_link_pdf"),
]
