from django.urls import URLPattern, URLResolver

app_name = "corridors"

urlpatterns: list[URLPattern | URLResolver] = []
