from django.urls import URLPattern, URLResolver, path

from walks import views_plan, views_pledge

urlpatterns: list[URLPattern | URLResolver] = [
    # /desk/walks/<uuid>/plan/
    path("desk/walks/<uuid:public_id>/plan/", views_plan.desk_plan, name="desk_plan"),
    path("desk/walks/<uuid:public_id>/plan/split/", views_plan.desk_split, name="desk_split"),
    path("desk/walks/<uuid:public_id>/plan/stretch/", views_plan.desk_stretch, name="desk_stretch"),
    path("desk/walks/<uuid:public_id>/plan/sides/", views_plan.desk_sides, name="desk_sides"),
    path("desk/walks/<uuid:public_id>/plan/team/", views_plan.desk_name_team, name="desk_name_team"),
    path("desk/walks/<uuid:public_id>/plan/need/", views_plan.desk_need, name="desk_need"),
    path("desk/walks/<uuid:public_id>/plan/usual-needs/", views_plan.desk_usual_needs, name="desk_usual_needs"),
    path("desk/walks/<uuid:public_id>/plan/decide/", views_plan.desk_decide, name="desk_decide"),
    path("desk/walks/<uuid:public_id>/plan/ask/", views_pledge.desk_ask, name="desk_ask"),
    path("desk/walks/<uuid:public_id>/plan/remind/", views_pledge.desk_remind, name="desk_remind"),
    path("desk/walks/<uuid:public_id>/plan/pledge/", views_pledge.desk_write_pledge, name="desk_write_pledge"),
    path(
        "desk/walks/<uuid:public_id>/plan/pledge/<uuid:pledge_id>/link/",
        views_pledge.desk_renew_pledge,
        name="desk_renew_pledge",
    ),
    # Organizations
    path("pledge/<str:token>/", views_pledge.pledge, name="pledge"),
    path("partner/pledges/<uuid:pledge_id>/", views_pledge.partner_pledge, name="partner_pledge"),
]
