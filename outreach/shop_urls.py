"""The addresses of shops and leave-behind cards at the desk."""

from django.urls import URLPattern, URLResolver, path

from outreach import card_views, shop_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/outreach/shops/", shop_views.shops_page, name="shops"),
    path("desk/outreach/shops/<uuid:landmark_id>/", shop_views.shop_page, name="shop"),
    path("desk/outreach/shops/<uuid:landmark_id>/notes/", shop_views.shop_note_new, name="shop_note_new"),
    path("desk/outreach/shops/notes/<uuid:note_id>/", shop_views.shop_note_do, name="shop_note_do"),
    path("desk/outreach/shops/notes/<uuid:note_id>.pdf", shop_views.shop_note_pdf, name="shop_note_pdf"),
    path("desk/outreach/cards/", card_views.cards_page, name="cards"),
    path("desk/outreach/cards/<uuid:batch_id>.pdf", card_views.cards_pdf, name="cards_pdf"),
]
