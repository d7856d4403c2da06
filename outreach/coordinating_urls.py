"""The addresses of the coordinators' desk."""

from django.urls import URLPattern, URLResolver, path

from outreach import coordinating_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/outreach/", views.requests_page, name="requests"),
    path("desk/outreach/new/", views.request_new, name="request_new"),
    path("desk/outreach/<uuid:public_id>/", views.request_page, name="request"),
    path("desk/outreach/<uuid:public_id>/do/", views.request_do, name="request_do"),
]
