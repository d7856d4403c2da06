from django.urls import URLPattern, URLResolver, path, re_path

from open311 import desk_views, views

app_name = "open311"

FORM = r"\.(?P<form>xml|json)$"

urlpatterns: list[URLPattern | URLResolver] = [
    path("open311/v2/", views.root, {"form": "xml"}, name="root"),
    re_path(rf"^open311/discovery{FORM}", views.discovery, name="discovery"),
    re_path(rf"^open311/v2/services{FORM}", views.service_list, name="services"),
    re_path(rf"^open311/v2/services/(?P<code>[^/]{{1,60}}?){FORM}", views.service_definition, name="service"),
    re_path(rf"^open311/v2/requests{FORM}", views.requests, name="requests"),
    re_path(rf"^open311/v2/requests/(?P<request_id>[^/]{{1,60}}?){FORM}", views.request_by_id, name="request"),
    re_path(rf"^open311/v2/tokens/(?P<token>[^/]{{1,60}}?){FORM}", views.token, name="token"),
    path("desk/concerns/<uuid:public_id>/send/", desk_views.desk_send, name="desk_send"),
    path("desk/sent/", desk_views.desk_deliveries, name="desk_deliveries"),
    path("desk/sent/<uuid:delivery_id>/", desk_views.desk_delivery, name="desk_delivery"),
]
