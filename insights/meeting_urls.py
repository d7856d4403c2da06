"""The addresses of the coalition's meetings and of who is, and isn't, at the table."""

from django.urls import URLPattern, URLResolver, path

from insights import meeting_views, table_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/insights/meetings/", meeting_views.meeting_list, name="meetings"),
    path("desk/insights/meetings/new/", meeting_views.meeting_new, name="meeting_new"),
    path("desk/insights/meetings/<uuid:meeting_id>/", meeting_views.meeting_page, name="meeting"),
    path("desk/insights/meetings/<uuid:meeting_id>/change/", meeting_views.meeting_change, name="meeting_change"),
    path("desk/insights/meetings/<uuid:meeting_id>/table/", meeting_views.meeting_count, name="meeting_count"),
    path("desk/insights/meetings/<uuid:meeting_id>/notes/", meeting_views.meeting_note, name="meeting_note"),
    path("desk/insights/meetings/<uuid:meeting_id>/decide/", meeting_views.meeting_decide, name="meeting_decide"),
    path("desk/insights/meetings/<uuid:meeting_id>/call-off/", meeting_views.meeting_call_off, name="meeting_call_off"),
    # Who is invited, by the link of a mail.
    path("meeting/<str:token>/meeting.ics", meeting_views.meeting_calendar, name="meeting_calendar"),
    path("desk/insights/table/", table_views.at_table, name="table"),
    path("desk/insights/table/gaps/", table_views.gap_new, name="gap_new"),
    path("desk/insights/table/gaps/<uuid:gap_id>/", table_views.gap_do, name="gap_do"),
]
