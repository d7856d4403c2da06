from django.urls import URLPattern, URLResolver, path

from corridors import views, views_desk

app_name = "corridors"

urlpatterns: list[URLPattern | URLResolver] = [
    path("corridors/", views.corridor_list, name="list"),
    path("corridors/<slug:slug>/", views.detail, name="detail"),
    # /map/ is the same for everybody; /desk/map/ is for organizers
    path("map/segments.geojson", views.segments_geojson, name="geojson"),
    path("desk/map/segments.geojson", views.desk_segments_geojson, name="desk_geojson"),
    # /desk/corridors/: fixed words come before slugs
    path("desk/corridors/", views_desk.desk_list, name="desk_list"),
    path("desk/corridors/new/", views_desk.desk_new, name="desk_new"),
    path("desk/corridors/areas/", views_desk.desk_areas, name="desk_areas"),
    path("desk/corridors/landmarks/", views_desk.desk_landmarks, name="desk_landmarks"),
    path("desk/corridors/landmarks/new/", views_desk.desk_landmark_new, name="desk_landmark_new"),
    path("desk/corridors/landmarks/<uuid:public_id>/", views_desk.desk_landmark, name="desk_landmark"),
    path(
        "desk/corridors/landmarks/<uuid:public_id>/delete/",
        views_desk.desk_landmark_delete,
        name="desk_landmark_delete",
    ),
    path("desk/corridors/<slug:slug>/", views_desk.desk_detail, name="desk_detail"),
    path("desk/corridors/<slug:slug>/edit/", views_desk.desk_edit, name="desk_edit"),
    path("desk/corridors/<slug:slug>/delete/", views_desk.desk_delete, name="desk_delete"),
]
