"""Every row of docs/security-cases.md has a test that carries its number, and every number that a test carries has a row."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def numbers(text):
    """Of "case 7", "cases 20, 43", "cases 28-30", "cases 5 and 19", case_41_a_bad_signature, nothing_unsigned__case_16."""
    found = {int(number) for number in re.findall(r"(?<![a-z])case_(\d+)", text)}
    for listed in re.findall(r"\bcases? (\d+(?:(?:, | and |, and | to |-)\d+)*)", text):
        for first, last in re.findall(r"(\d+)(?:(?: to |-)(\d+))?", listed):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def rows():
    return [int(number) for number in re.findall(r"^\| (\d+) \|", (ROOT / "docs/security-cases.md").read_text(), re.M)]


def carried():
    """number -> files that carry it; of tests only, for a comment in a source proves nothing. A `case 7:` of a switch is none."""
    found = {}
    for folder in (path for path in (ROOT / "tests").iterdir() if path.is_dir()):
        for path in [*folder.glob("**/*_test.cpp"), *folder.glob("test_*.py")]:
            for number in numbers(re.sub(r"^ +case \d+:", "", path.read_text(), flags=re.M)):
                found.setdefault(number, []).append(path)
    return found


def test_how_numbers_are_read():
    assert numbers("case 7, cases 20, 43 and 44; cases 28-30: TEST(X, case_41_a_bad, of__case_16) case 5 and six, in case 9") == {
        7, 20, 43, 44, 28, 29, 30, 41, 16, 5, 9}


def test_the_rows_are_numbered_without_a_gap():
    assert rows() == list(range(1, len(rows()) + 1))


def test_every_case_has_a_test_of_its_number():
    assert [number for number in rows() if number not in carried()] == []


def test_secrets_are_compared_in_constant_time():
    """case 42: what compares bytes and stops at the first difference is not there to be used for a MAC."""
    found = [(path.name, line) for folder in ("src", "server", "cli", "include") for path in (ROOT / folder).glob("**/*.[ch]pp")
             for line in path.read_text().splitlines() if re.search(r"(?<![A-Z_a-z])(std::)?memcmp\(", line)]
    assert found == []
    assert "CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0" in (ROOT / "src/crypto/secure_memory.cpp").read_text()


def test_every_number_in_a_test_is_a_case():
    assert {number: paths for number, paths in carried().items() if number not in rows()} == {}
