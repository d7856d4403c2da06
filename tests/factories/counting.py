"""One count for all: no two rows of a test get the same name, number or day."""

import itertools

serial = itertools.count(1)
