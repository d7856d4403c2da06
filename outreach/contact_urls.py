"""The addresses of contacts at the desk, and of the export of requests."""

from django.urls import URLPattern, URLResolver, path

from outreach import contact_views as views
from outreach.help_export_views import help_export

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/outreach/contacts/", views.contacts_page, name="contacts"),
    path("desk/outreach/contacts/new/", views.contact_new, name="contact_new"),
    path("desk/outreach/contacts/<uuid:contact_id>/clear/", views.contact_clear, name="contact_clear"),
    path("desk/outreach/export/", help_export, name="help_export"),
]
