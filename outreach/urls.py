from django.urls import URLPattern, URLResolver, include, path

app_name = "outreach"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("outreach.directory_urls")),
    path("", include("outreach.help_urls")),
    path("", include("outreach.handoff_urls")),
    path("", include("outreach.contact_urls")),
    path("", include("outreach.shop_urls")),
    path("", include("outreach.coordinating_urls")),
]
