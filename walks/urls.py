from django.urls import URLPattern, URLResolver, include, path

from walks import (
    views,
    views_adding,
    views_desk,
    views_guardian,
    views_messages,
    views_my,
    views_my_mail,
    views_people,
    views_roster,
)

app_name = "walks"

urlpatterns: list[URLPattern | URLResolver] = [
    path("walks/", views.walk_list, name="list"),
    path("walks/calendar.ics", views.calendar, name="calendar"),
    path("walks/<uuid:public_id>.ics", views.ics, name="ics"),
    path("walks/<uuid:public_id>/", views.detail, name="detail"),
    path("walks/<uuid:public_id>/sign-up/", views.sign_up_page, name="sign_up"),
    path("w/next", views.short_next, name="short_next"),
    path("w/next/", views.short_next),
    path("w/<str:code>", views.short, name="short"),
    path("w/<str:code>/", views.short),
    # /my/
    path("my/lost/", views_my.lost, name="lost"),
    path("my/guardian/<str:token>/", views_guardian.guardian, name="guardian"),
    path("my/guardian/<str:token>/no/", views_guardian.guardian_no, name="guardian_no"),
    path("my/guardian/<str:token>/take-back/", views_guardian.guardian_take_back, name="guardian_take_back"),
    path("my/<str:token>/", views_my.my, name="my"),
    path("my/<str:token>/withdraw/", views_my.my_withdraw, name="my_withdraw"),
    path("my/<str:token>/back/", views_my.my_back, name="my_back"),
    path("my/<str:token>/confirm/", views_my.my_confirm, name="my_confirm"),
    path("my/<str:token>/claim/", views_my.my_claim, name="my_claim"),
    path("my/<str:token>/group/", views_my.my_group, name="my_group"),
    path("my/<str:token>/yes/", views_my.my_yes, name="my_yes"),
    path("my/<str:token>/ask/", views_my.my_ask, name="my_ask"),
    path("my/<str:token>/came/", views_my_mail.my_came, name="my_came"),
    path("my/<str:token>/no-more-mail/", views_my_mail.my_no_more_mail, name="my_no_more_mail"),
    path("", include("walks.hours_urls")),
    # /desk/walks/
    path("desk/walks/", views_desk.desk_list, name="desk_list"),
    path("desk/walks/new/", views_desk.desk_new, name="desk_new"),
    path("desk/walks/sunset/", views_desk.desk_sunset, name="desk_sunset"),
    path("desk/walks/<uuid:public_id>/", views_desk.desk_detail, name="desk_detail"),
    path("desk/walks/<uuid:public_id>/edit/", views_desk.desk_edit, name="desk_edit"),
    path("desk/walks/<uuid:public_id>/publish/", views_desk.desk_publish, name="desk_publish"),
    path("desk/walks/<uuid:public_id>/call-off/", views_desk.desk_call_off, name="desk_call_off"),
    path("desk/walks/<uuid:public_id>/on-again/", views_desk.desk_on_again, name="desk_on_again"),
    path("desk/walks/<uuid:public_id>/reach/", views_desk.desk_reach, name="desk_reach"),
    path("desk/walks/<uuid:public_id>/messages/", views_messages.desk_messages, name="desk_messages"),
    path("desk/walks/<uuid:public_id>/messages/write/", views_messages.desk_words, name="desk_words"),
    path(
        "desk/walks/<uuid:public_id>/messages/<uuid:notice_id>/undo/",
        views_messages.desk_message_undo,
        name="desk_message_undo",
    ),
    path(
        "desk/walks/<uuid:public_id>/messages/<uuid:notice_id>/now/",
        views_messages.desk_message_now,
        name="desk_message_now",
    ),
    path(
        "desk/walks/<uuid:public_id>/messages/<uuid:notice_id>/told/<uuid:person_id>/",
        views_messages.desk_message_told,
        name="desk_message_told",
    ),
    path("desk/walks/<uuid:public_id>/new-invite/", views_desk.desk_new_invite, name="desk_new_invite"),
    path("desk/walks/<uuid:public_id>/teams/", views_desk.desk_teams, name="desk_teams"),
    # /desk/walks/<uuid>/roster/
    path("desk/walks/<uuid:public_id>/roster/", views_roster.desk_roster, name="desk_roster"),
    path("desk/walks/<uuid:public_id>/roster/add/", views_roster.desk_roster_add, name="desk_roster_add"),
    path("desk/walks/clearances/", views_people.desk_clearances, name="desk_clearances"),
    path("desk/walks/<uuid:public_id>/invite/", views_people.desk_invite, name="desk_invite"),
    path("desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/role/", views_roster.desk_role, name="desk_role"),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/clearance/",
        views_people.desk_clearance,
        name="desk_clearance",
    ),
    path("desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/same/", views_people.desk_same, name="desk_same"),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/guardian/ended/",
        views_roster.desk_guardian_ended,
        name="desk_guardian_ended",
    ),
    path("desk/walks/<uuid:public_id>/roster/paste/", views_adding.desk_paste, name="desk_paste"),
    path("desk/walks/<uuid:public_id>/roster/teams/", views_roster.desk_roster_teams, name="desk_roster_teams"),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/withdraw/",
        views_roster.desk_withdraw,
        name="desk_withdraw",
    ),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/back/", views_roster.desk_come_back, name="desk_come_back"
    ),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/guardian/",
        views_roster.desk_guardian,
        name="desk_guardian",
    ),
    path("desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/match/", views_roster.desk_match, name="desk_match"),
    path(
        "desk/walks/<uuid:public_id>/roster/<uuid:signup_id>/new-link/",
        views_roster.desk_new_link,
        name="desk_new_link",
    ),
]
