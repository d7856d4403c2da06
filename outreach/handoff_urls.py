"""The address at which an agency takes somebody on who stands there."""

from django.urls import URLPattern, URLResolver, path

from outreach import handoff_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("partner/handoff/<uuid:organization_id>/", views.partner_handoff, name="partner_handoff"),
]
