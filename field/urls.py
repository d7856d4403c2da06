from django.urls import URLPattern, URLResolver, path, re_path

from field import api, desk_views, paper_views, views

app_name = "field"

urlpatterns: list[URLPattern | URLResolver] = [
    path("field/", views.app, name="app"),
    path("field/words/<str:language>/", views.app_words, name="app_words"),
    path("field/rest/<str:language>/", views.app_rest, name="app_rest"),
    path("field/sw.js", views.app_worker, name="app_worker"),
    path("field/manifest.webmanifest", views.app_manifest, name="app_manifest"),
    path("desk/walks/<uuid:public_id>/day/", desk_views.day, name="desk_day"),
    path(
        "desk/walks/<uuid:public_id>/day/incidents/<uuid:incident_id>/handle/",
        desk_views.handle_an_incident,
        name="desk_incident_handle",
    ),
    path(
        "desk/walks/<uuid:public_id>/day/dangers/<uuid:concern_id>/handle/",
        desk_views.handle_a_danger,
        name="desk_danger_handle",
    ),
    path(
        "desk/walks/<uuid:public_id>/day/incidents/<uuid:incident_id>/reopen/",
        desk_views.reopen_an_incident,
        name="desk_incident_reopen",
    ),
    path(
        "desk/walks/<uuid:public_id>/day/dangers/<uuid:concern_id>/reopen/",
        desk_views.reopen_a_danger,
        name="desk_danger_reopen",
    ),
    path("desk/walks/<uuid:public_id>/phones/", desk_views.phones, name="desk_phones"),
    path("desk/walks/<uuid:public_id>/pack.pdf", paper_views.pack_pdf, name="desk_pack"),
    path("desk/walks/<uuid:public_id>/paper/", paper_views.paper, name="desk_paper"),
    path("desk/walks/<uuid:public_id>/paper/back/", paper_views.paper_back, name="desk_paper_back"),
    path("desk/walks/<uuid:public_id>/paper/<int:number>/", paper_views.sheet, name="desk_sheet"),
    path("desk/walks/<uuid:public_id>/phones/<uuid:device_id>/confirm/", desk_views.confirm, name="desk_phone_confirm"),
    path("desk/walks/<uuid:public_id>/phones/<uuid:device_id>/revoke/", desk_views.revoke, name="desk_phone_revoke"),
    path("desk/walks/<uuid:public_id>/phones/<uuid:device_id>/readmit/", desk_views.readmit, name="desk_phone_readmit"),
    # /field/api/, for the phones; the last line catches whatever isn't there, so that it is answered in their shape
    path("field/api/devices/", api.devices, name="api_devices"),
    path("field/api/devices/leave/", api.leave, name="api_leave"),
    path("field/api/practice/", api.practice, name="api_practice"),
    path("field/api/pack/", api.pack, name="api_pack"),
    path("field/api/concerns/<uuid:client_id>/", api.concern, name="api_concern"),
    path("field/api/concerns/<uuid:client_id>/photos/<uuid:photo_id>/", api.concern_photo, name="api_concern_photo"),
    path("field/api/looks/<uuid:client_id>/", api.look, name="api_look"),
    path("field/api/looks/<uuid:client_id>/photos/<uuid:photo_id>/", api.look_photo, name="api_look_photo"),
    path("field/api/looks/<uuid:concern_id>/photo/", api.look_picture, name="api_look_picture"),
    path("field/api/passes/<uuid:client_id>/", api.segment_pass, name="api_pass"),
    path("field/api/headcounts/<uuid:client_id>/", api.head_count, name="api_head_count"),
    path("field/api/incidents/<uuid:client_id>/", api.incident, name="api_incident"),
    path("field/api/team-backs/<uuid:client_id>/", api.team_back, name="api_team_back"),
    path("field/api/presences/<uuid:client_id>/", api.presence, name="api_presence"),
    path("field/api/contacts/<uuid:client_id>/", api.contact, name="api_contact"),
    path("field/api/status/", api.status, name="api_status"),
    re_path(r"^field/api(?:/.*)?$", api.unknown, name="api_unknown"),
]
