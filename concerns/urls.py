from django.urls import URLPattern, URLResolver, path, re_path

from concerns import (
    bulk_views,
    desk_buttons,
    desk_list_views,
    desk_views,
    feeds,
    filing_views,
    photo_views,
    report_views,
    same_views,
    takedown_views,
    views,
)

app_name = "concerns"

PHOTO = r"(?P<public_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<size>1600|400)\.jpg$"

urlpatterns: list[URLPattern | URLResolver] = [
    # Everybody.
    path("concerns/", views.public_list, name="list"),
    path("concerns/<uuid:public_id>/", views.public_detail, name="detail"),
    path("map/concerns.geojson", views.public_geojson, name="geojson"),
    re_path(rf"^photos/{PHOTO}", views.public_photo, name="photo"),
    path("concerns/<uuid:public_id>/flag/", report_views.flag, name="flag"),
    path("feeds/concerns.rss", feeds.concern_news, name="news"),
    path("report/", report_views.report, name="report"),
    path("report/words/", report_views.report_words, name="report_words"),
    path("receipt/", report_views.receipt_enter, name="receipt_enter"),
    path("receipt/<str:token>/", report_views.receipt, name="receipt"),
    path("receipt/<str:token>/act/", report_views.receipt_act, name="receipt_act"),
    path("receipt/<str:token>/stop/", report_views.receipt_stop, name="receipt_stop"),
    # The desk.
    path("desk/concerns/", desk_list_views.desk_list, name="desk_list"),
    path("desk/concerns/bulk/", bulk_views.desk_bulk, name="desk_bulk"),
    path("desk/concerns/bulk/<uuid:public_id>/", bulk_views.bulk_result, name="bulk_result"),
    path("desk/concerns/bulk/<uuid:public_id>/undo/", bulk_views.bulk_undo, name="bulk_undo"),
    path("desk/concerns/views/", bulk_views.saved_views, name="saved_views"),
    path("desk/concerns/views/<uuid:public_id>/", bulk_views.saved_view_change, name="saved_view_change"),
    path("desk/concerns/views/<uuid:public_id>/delete/", bulk_views.saved_view_delete, name="saved_view_delete"),
    path("desk/concerns/filing/", filing_views.filing, name="filing"),
    path("desk/concerns/<uuid:public_id>/", desk_views.desk_detail, name="desk_detail"),
    path("desk/concerns/<uuid:public_id>/file/", filing_views.file_one, name="desk_file"),
    path("desk/concerns/<uuid:public_id>/next/", desk_views.desk_next, name="desk_next"),
    path("desk/concerns/<uuid:public_id>/triage/", desk_buttons.desk_triage, name="desk_triage"),
    path("desk/concerns/<uuid:public_id>/publish/", desk_buttons.desk_publish, name="desk_publish"),
    path("desk/concerns/<uuid:public_id>/hide/", desk_buttons.desk_hide, name="desk_hide"),
    path("desk/concerns/<uuid:public_id>/hide/undo/", takedown_views.take_down_undo, name="desk_hide_undo"),
    path("desk/concerns/<uuid:public_id>/spam/", desk_buttons.desk_spam, name="desk_spam"),
    path("desk/concerns/<uuid:public_id>/restore/", desk_buttons.desk_restore, name="desk_restore"),
    path("desk/concerns/<uuid:public_id>/move/", desk_buttons.desk_move, name="desk_move"),
    path("desk/concerns/<uuid:public_id>/help/", desk_buttons.desk_help, name="desk_help"),
    path("desk/concerns/<uuid:public_id>/case/", desk_buttons.desk_case, name="desk_case"),
    path("desk/concerns/<uuid:public_id>/case/correct/", filing_views.correct_case, name="desk_case_correct"),
    path("desk/concerns/<uuid:public_id>/merge/", desk_buttons.desk_merge, name="desk_merge"),
    path("desk/concerns/<uuid:public_id>/same/<uuid:other_id>/", same_views.desk_compare, name="desk_compare"),
    path("desk/concerns/<uuid:public_id>/unmerge/", desk_buttons.desk_unmerge, name="desk_unmerge"),
    path("desk/concerns/<uuid:public_id>/look/", desk_buttons.desk_look, name="desk_look"),
    path("desk/concerns/<uuid:public_id>/reporter/", desk_buttons.desk_reporter, name="desk_reporter"),
    path("desk/concerns/<uuid:public_id>/proposal/", desk_buttons.desk_proposal, name="desk_proposal"),
    path("desk/looks/<uuid:public_id>/", desk_buttons.desk_look_publication, name="desk_look_publication"),
    path("desk/photos/<uuid:public_id>/approve/", desk_buttons.desk_photo_approve, name="desk_photo_approve"),
    path("desk/photos/<uuid:public_id>/edit/", photo_views.photo_edit, name="desk_photo_edit"),
    path("desk/photos/<uuid:public_id>/hide/", desk_buttons.desk_photo_hide, name="desk_photo_hide"),
    path("desk/map/concerns.geojson", desk_list_views.desk_geojson, name="desk_geojson"),
    re_path(rf"^desk/photos/{PHOTO}", desk_views.desk_photo, name="desk_photo"),
]
