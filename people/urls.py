from django.urls import URLPattern, URLResolver, path

from people import views

app_name = "people"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/first/<str:token>/", views.first_admin, name="first_admin"),
]
