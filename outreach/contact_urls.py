"""The addresses of contacts at the desk."""

from django.urls import URLPattern, URLResolver, path

from outreach import contact_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/outreach/contacts/", views.contacts_page, name="contacts"),
    path("desk/outreach/contacts/new/", views.contact_new, name="contact_new"),
    path("desk/outreach/contacts/<uuid:contact_id>/clear/", views.contact_clear, name="contact_clear"),
]
