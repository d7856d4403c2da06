"""Which words seem to describe a person. Both ways: what must be flagged, and what people say about streets."""

import pytest

from concerns.flags import flags_for_text

ABOUT_PEOPLE = {
    "phone": [
        "Call Dan at 816-555-0142",
        "call (816) 555-0142 after six",
        "816.555.0142",
        "+1 816 555 0142",
        "8165550142",
        "Llame al 555-0142",
    ],
    "email": ["write to dan@example.org", "dan.lin@mail.example.com knows", "dan (at) example (dot) org"],
    "plate": [
        "White van plate ABC 1234",
        "Ford pickup, tag 7KD 2F8",
        "camioneta placas XYZ987",
        "gray Honda, Missouri plate CT5 R2K",
    ],
    "lives_at": [
        "The man who lives at 4512",
        "he lives in the yellow house",
        "somebody sleeping in the garage",
        "vive en la casa azul",
        "his car stands there all day",
        "se llama Ramón",
        "viven ahí cinco",
        "goes by Tiny",
    ],
    "description": [
        "black male in hoodie",
        "Black man selling things",
        "two white guys in a car",
        "tall, skinny Hispanic teen",
        "young women standing about",
        "homeless guy by the church",
        "a 20-year-old black kid",
        "kids with hoodies and backpack, wearing a mask",
        "drug dealers on the corner",
        "squatters went in",
        "hombre negro con capucha",
        "unos muchachos morenos",
        "mujer joven con tatuajes",
        "venden drogas en la esquina",
        "she yells at everybody",
        "indigentes atrás de la tienda",
    ],
    "immigration": ["they are undocumented", "familia sin papeles", "got deported"],
    "name": ["Mrs. Alvarez told us", "La Sra. Ruiz lo vio"],
}

ABOUT_PLACES = [
    "",
    "Street light out, three in a row",
    "Pole SAH 1621 is leaning",
    "Light pole KCM 0423 knocked down by a truck",
    "Black smoke from the chimney",
    "White van without wheels, stands here for weeks",
    "black trash bags",
    "white paint spilled on the sidewalk",
    "Brown water from the hydrant",
    "Black ice every morning",
    "Old tires and a mattress",
    "Young trees block the sign",
    "Tall grass, above the knee",
    "Short fence is broken",
    "Fat cable hangs low",
    "311 number 2026-118204",
    "Filed with 311 as 20261182041",
    "House at 4777 Independence Ave",
    "from 3500 to 3900 block",
    "4 lamps, 12 feet apart",
    "Open 9-5, lights on until 21:30",
    "Women’s clinic keeps its lights on",
    "A wheelchair can’t pass, strollers neither",
    "Bus stop of the 24 has no seat",
    "Near the boys and girls club",
    "Man hole cover is missing",
    "Manhole open on the corner",
    "Children walk here to school",
    "There’s a blind corner by the alley",
    "Living tree fell on the wall",
    "Luz apagada frente a la tienda",
    "Bolsas negras y llantas viejas",
    "Humo negro",
    "Camioneta blanca abandonada sin llantas",
    "Casa blanca con puerta abierta",
    "Poste alto inclinado",
    "El farol está roto, el cable cuelga",
    "Pasto alto en el terreno",
    "Hierba vieja y alta",
    "La señal está tapada por un árbol",
    "Pared negra de hollín por el fuego",
    "Graffiti on the white wall, about 6 feet wide",
    "The light next to the shop is on all day",
    "We stayed on the sidewalk",
    "School kids use the path",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ABOUT_PEOPLE.items() for text in texts])
def test_words_about_a_person_are_flagged(kind: str, text: str) -> None:
    assert kind in flags_for_text(text)


@pytest.mark.parametrize("text", ABOUT_PLACES)
def test_words_about_a_place_are_not(text: str) -> None:
    assert flags_for_text(text) == set()


def test_a_very_long_text_takes_no_time() -> None:
    """No pattern may go back and forth over what somebody pasted."""
    import time

    for text in ("a" * 100_000, "tall " * 20_000, "1 " * 50_000, "man " * 25_000, "ab1" * 33_000):
        start = time.process_time()
        flags_for_text(text)
        assert time.process_time() - start < 1.0
