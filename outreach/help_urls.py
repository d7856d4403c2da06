"""The addresses of who asks for help and of the agency that answers."""

from django.urls import URLPattern, URLResolver, path

from outreach import card_pages, help_views, referral_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("help/", help_views.help_page, name="help"),
    path("help/code/", help_views.help_enter, name="help_enter"),
    path("help/card/<str:token>/", card_pages.card_page, name="card"),
    path("help/card/<str:token>/do/", card_pages.card_act, name="card_act"),
    path("help/status/<str:token>/", help_views.help_status, name="help_status"),
    path("help/status/<str:token>/do/", help_views.help_act, name="help_act"),
    path("referral/<str:token>/", referral_views.referral_link, name="referral_link"),
    path("referral/<str:token>/code/", referral_views.referral_code, name="referral_code"),
    path("partner/referrals/<uuid:referral_id>/", referral_views.partner_referral, name="partner_referral"),
]
