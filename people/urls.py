from django.urls import URLPattern, URLResolver, path

from people import desk_views, mail_views, views

app_name = "people"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/first/<str:token>/", views.first_admin, name="first_admin"),
    path("accounts/welcome/<str:token>/", desk_views.welcome, name="welcome"),
    # /desk/organizations/
    path("desk/organizations/", desk_views.desk_organizations, name="desk_organizations"),
    path("desk/organizations/new/", desk_views.desk_organization_new, name="desk_organization_new"),
    path("desk/organizations/<uuid:public_id>/", desk_views.desk_organization, name="desk_organization"),
    path("desk/organizations/<uuid:public_id>/edit/", desk_views.desk_organization_edit, name="desk_organization_edit"),
    path(
        "desk/organizations/<uuid:public_id>/merge/",
        desk_views.desk_organization_merge,
        name="desk_organization_merge",
    ),
    path(
        "desk/organizations/<uuid:public_id>/undo-merge/",
        desk_views.desk_organization_undo_merge,
        name="desk_organization_undo_merge",
    ),
    # /desk/mail/
    path("desk/mail/", mail_views.desk_mail, name="desk_mail"),
    path("desk/mail/<uuid:public_id>/retry/", mail_views.desk_mail_retry, name="desk_mail_retry"),
    # /desk/colleagues/
    path("desk/colleagues/", desk_views.desk_colleagues, name="desk_colleagues"),
    path("desk/colleagues/new/", desk_views.desk_colleague_new, name="desk_colleague_new"),
    path(
        "desk/colleagues/<uuid:public_id>/invite-again/",
        desk_views.desk_colleague_invite_again,
        name="desk_colleague_invite_again",
    ),
]
