"""The addresses of partners' records, and the room's own page."""

from django.urls import URLPattern, URLResolver, path

from insights import home_views, own_views, partner_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/insights/", home_views.home, name="home"),
    path("desk/insights/partners/", partner_views.partners, name="partners"),
    path("desk/insights/partners/partners.csv", partner_views.partners_file, name="partners_file"),
    path("desk/insights/partners/count/", partner_views.partners_count, name="partners_count"),
    path("desk/insights/partners/<uuid:organization_id>/note/", partner_views.partners_note, name="partners_note"),
    path("partners/", partner_views.partners_public, name="partners_public"),
    # An organization's own.
    path("partner/<uuid:organization_id>/record/", own_views.own_record, name="own_record"),
    path("partner/<uuid:organization_id>/contact/", own_views.own_contact, name="own_contact"),
]
