"""The addresses of hours of service."""

from django.urls import URLPattern, URLResolver, path

from walks import views_hours

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/<str:token>/hours/", views_hours.my_hours, name="my_hours"),
    path("desk/walks/<uuid:public_id>/hours/", views_hours.desk_hours, name="desk_hours"),
    path("desk/walks/<uuid:public_id>/hours/<uuid:presence_id>/", views_hours.desk_letter, name="desk_letter"),
]
