import pytest

from people.paste import kind_of, read_lines, same_name


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Hearth and Key Housing, service provider", "Hearth and Key Housing", "service_provider"),
        ("Lantern Parish; Church", "Lantern Parish", "faith"),
        ("Vecinos del Farol, grupo de vecinos", "Vecinos del Farol", "neighborhood"),
        ("Departamento de Policía, policía", "Departamento de Policía", "police"),
        ("East Side School\tSCHOOL", "East Side School", "school"),
        ("- 23rd Street Merchants – chamber of commerce", "23rd Street Merchants", "business_association"),
        ("1. Codes and Inspections, code enforcement.", "Codes and Inspections", "code_enforcement"),
        ("  County Health ,  condado ", "County Health", "county"),
    ],
)
def test_it_reads_name_and_kind_in_both_languages(text: str, name: str, kind: str) -> None:
    (line,) = read_lines(text)
    assert (line.name, line.kind) == (name, kind)


def test_it_keeps_a_name_with_commas_whole() -> None:
    (line,) = read_lines("Lawn, Elmwood and Friends, neighborhood group")
    assert (line.name, line.kind) == ("Lawn, Elmwood and Friends", "neighborhood")


def test_it_keeps_the_whole_line_where_it_does_not_know_the_kind() -> None:
    (line,) = read_lines("Lawn, Elmwood and Friends")
    assert (line.name, line.kind, line.kind_word) == ("Lawn, Elmwood and Friends", "", "Elmwood and Friends")


def test_it_numbers_lines_as_they_were_pasted_and_skips_empty_ones() -> None:
    assert [line.number for line in read_lines("One\n\n  \nTwo, school\n")] == [1, 4]


def test_it_knows_every_kind_by_its_own_word() -> None:
    from people.roles import OrganizationKind

    unknown = [kind.value for kind in OrganizationKind if kind_of(kind.value) != kind.value]
    assert unknown == []


def test_two_spellings_are_the_same_name() -> None:
    assert same_name("St. Anne’s  Pantry") == same_name("st annes pantry")
    assert same_name("St. Anne’s Pantry") != same_name("St. Agnes Pantry")
