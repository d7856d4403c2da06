from django.urls import URLPattern, URLResolver

app_name = "walks"

urlpatterns: list[URLPattern | URLResolver] = []
