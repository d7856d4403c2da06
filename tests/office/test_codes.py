from hypothesis import given
from hypothesis import strategies as st

from office.codes import ALPHABET, new_code, read_code


@given(st.integers(min_value=1, max_value=40))
def test_a_code_reads_back_as_itself(length: int) -> None:
    code = new_code(length)
    assert len(code) == length
    assert set(code) <= set(ALPHABET)
    assert read_code(code.lower()) == code


def test_it_reads_what_people_mistake() -> None:
    assert read_code(" ol-i1 ") == "0111"
