"""The addresses of promises, of the end of a walk and of what comes after it."""

from django.urls import URLPattern, URLResolver, path

from concerns import carrying_views, debrief_views, promising_views

urlpatterns: list[URLPattern | URLResolver] = [
    # Who promised, by sign-in and by the link of a mail.
    path("partner/commitments/<uuid:commitment_id>/", promising_views.partner_commitment, name="partner_commitment"),
    path("commitment/<str:token>/", promising_views.commitment_link, name="commitment_link"),
    # The desk.
    path("desk/commitments/", promising_views.commitments, name="commitments"),
    path("desk/commitments/new/", promising_views.commitment_new, name="commitment_new"),
    path("desk/commitments/<uuid:commitment_id>/", promising_views.commitment_page, name="commitment"),
    path("desk/commitments/<uuid:commitment_id>/do/", promising_views.commitment_do, name="commitment_do"),
    path("desk/walks/<uuid:public_id>/debrief/", debrief_views.debrief, name="debrief"),
    path("desk/walks/<uuid:public_id>/debrief/thanks/", carrying_views.debrief_thanks, name="debrief_thanks"),
    path("desk/walks/<uuid:public_id>/carries/", carrying_views.carries, name="carries"),
]
