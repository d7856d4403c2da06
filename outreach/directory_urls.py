"""The addresses of the directory: for everybody, for the agency by its link or sign-in, and at the desk."""

from django.urls import URLPattern, URLResolver, path

from outreach import directory_desk_views as desk
from outreach import directory_files_views as files
from outreach import directory_keep_views as keep
from outreach import directory_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("services/", views.services, name="services"),
    path("services/hsds.zip", files.hsds_zip, name="services_hsds"),
    path("services/cards.pdf", files.cards_pdf, name="services_cards"),
    path("desk/outreach/services/import/", files.desk_import, name="services_import"),
    path("services/<uuid:service_id>/", views.service, name="service"),
    path("directory/<str:token>/", keep.directory_link, name="directory_link"),
    path("directory/<str:token>/right/", keep.directory_assure, name="directory_assure"),
    path("directory/<str:token>/new/", keep.directory_new, name="directory_new"),
    path("directory/<str:token>/<uuid:service_id>/", keep.directory_edit, name="directory_edit"),
    path("directory/<str:token>/<uuid:service_id>/room/", keep.directory_room, name="directory_room"),
    path("partner/services/<uuid:organization_id>/", keep.partner_services, name="partner_services"),
    path("partner/services/<uuid:organization_id>/right/", keep.partner_assure, name="partner_assure"),
    path("partner/services/<uuid:organization_id>/new/", keep.partner_new, name="partner_new"),
    path("partner/services/<uuid:organization_id>/<uuid:service_id>/", keep.partner_edit, name="partner_edit"),
    path("partner/services/<uuid:organization_id>/<uuid:service_id>/room/", keep.partner_room, name="partner_room"),
    path("desk/outreach/services/", desk.desk_services, name="desk_services"),
    path("desk/outreach/services/<uuid:organization_id>/ask/", desk.desk_ask, name="desk_service_ask"),
    path("desk/outreach/services/<uuid:organization_id>/end/", desk.desk_end_links, name="desk_service_end_links"),
]
