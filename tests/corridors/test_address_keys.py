"""Written addresses, made comparable."""

import csv
from pathlib import Path

import pytest

from corridors.addresses import address_key, is_corner, pole_key, same_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1311 E 28TH TER", "1311 East 28th Terrace"),
        ("1311 E 28th ter", "1311 e. 28 Terr., Apt 2"),
        ("1311 E Twenty-Eighth Ter", "1311 E 28TH TER 64109"),
        ("4777 Independence Ave", "4777, Independence Avenue, Kansas City, MO 64124"),
        ("4777 Independence Ave", "4777 independence  avenue kansas city mo 64124-1234"),
        ("2527 Tracy Ave", "2527 Tracy Ave64108\n(39.080413, -94.567817)"),
        ("2716 TRACY AVE", "2716 Tracy Ave Land"),
        ("2731 Troost Ave", "2731 TROOST AVE BLD 4"),
        ("4333 Oak St", "4333 OAK ST 18"),
        ("3033 Paseo", "3033 The Paseo Blvd"),
        ("3033 Paseo", "3033 Paseo 1N"),
        ("4512 St John Ave", "4512 Saint John Avenue #3"),
        ("4512 Lawn Ave", "4512-4514 Lawn"),
        ("4512 Lawn Ave", "4512 1/2 Lawn Ave Rear"),
        ("4512 Lawn Ave", "4512B Lawn Ave"),
        ("2200 Truman Rd", "2200 E Truman Rd"),
        ("12 O'Brien St", "12 O’Brien Street"),
        ("Independence Ave & Lawn Ave", "corner of Lawn and Independence"),
        ("E 9th St / Benton Blvd", "Benton at Ninth Street"),
    ],
)
def test_one_place_written_in_two_ways(one: str, other: str) -> None:
    assert same_address(address_key(one), address_key(other)), (address_key(one), address_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1311 E 28th St", "1311 E 28th Ter"),
        ("1311 E 28th St", "1311 W 28th St"),
        ("1311 E 28th St", "1313 E 28th St"),
        ("1311 E 28th St", "1311 E 27th St"),
        ("100 North Ave", "100 South Ave"),
        ("4512 Lawn Ave", "4512 Independence Ave"),
        ("Independence Ave & Lawn Ave", "Independence Ave & Askew Ave"),
    ],
)
def test_two_places_stay_two(one: str, other: str) -> None:
    assert not same_address(address_key(one), address_key(other))


@pytest.mark.parametrize(
    "words",
    ["", "   ", "behind the bakery at Lawn Avenue", "3500 block, north side", "4500 block of Lawn Ave", "12",
     "Lawn Ave", "dark corner and dirty lot", "x" * 5000, "\x00", "½", "& &", "/ / /", "4777"],
)  # fmt: skip
def test_what_names_no_house_and_no_corner_has_no_key(words: str) -> None:
    assert address_key(words) == ""


def test_a_key_is_never_longer_than_its_column() -> None:
    assert len(address_key("1 " + "verylongname " * 300)) <= 120
    assert len(address_key("A" * 90 + " Ave & " + "B" * 90 + " Ave")) <= 120


def test_corners_are_told_from_houses() -> None:
    assert is_corner(address_key("Lawn Ave & Independence Ave"))
    assert not is_corner(address_key("4777 Independence Ave"))


@pytest.mark.parametrize(
    ("said", "key"),
    [("SAH 1621", "SAH1621"), ("sah-1621 ", "SAH1621"), (["SAH 1621"], "SAH1621"), (1621, "1621"), ("none", ""),
     ("12", ""), ("", ""), (None, ""), ({"a": 1}, ""), ([], ""), ("A1" * 30, "")],
)  # fmt: skip
def test_the_number_on_a_pole(said: object, key: str) -> None:
    assert pole_key(said) == key


@pytest.mark.shared_data
def test_real_addresses_have_keys_that_hold_for_one_parcel(kansas_city: Path) -> None:
    with (kansas_city / "kc311_4neighborhoods_2007_2020.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    parcels: dict[str, set[str]] = {}
    for row in rows:
        parcels.setdefault(address_key(row["STREET ADDRESS"]), set()).add(row["PARCEL ID NO"])
    assert "" not in parcels
    spellings = {row["STREET ADDRESS"].lower() for row in rows}
    assert len(parcels) < len(spellings) - 20  # units, ZIP codes and parts of lots fell together
    assert sum(len(found) == 1 for found in parcels.values()) / len(parcels) > 0.95
