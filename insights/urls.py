from django.urls import URLPattern, URLResolver

from insights import meeting_urls, partner_urls, week_urls

app_name = "insights"
urlpatterns: list[URLPattern | URLResolver] = [
    *meeting_urls.urlpatterns,
    *week_urls.urlpatterns,
    *partner_urls.urlpatterns,
]
