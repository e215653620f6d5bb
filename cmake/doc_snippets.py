#!/usr/bin/env python3
"""Turns the C++ of a Markdown document into source files, so that what a document shows is what compiles and runs.

    doc_snippets.py DOCUMENT FIXTURE OUTPUT_DIRECTORY

Writes OUTPUT_DIRECTORY/snippets.cpp, in which each ```cpp block is the body of a test of the class `DocSnippet` that the
header FIXTURE defines; a ```cpp declarations block stands before the later ones as it is, and #include lines go to the top.
A block with a `main` is a program of its own, OUTPUT_DIRECTORY/line_N.cpp. Prints the programs' names, one a line. Compiler
errors and failed tests name the document and its line.
"""

import pathlib
import re
import sys


def blocks(text):
    """(line of the first line of code, words after the fence, lines) of each fenced block."""
    inside = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"^\s*```(.*)$", line)
        if fence and inside is None:
            inside = (number + 1, fence.group(1).split(), [])
        elif fence:
            yield inside
            inside = None
        elif inside is not None:
            inside[2].append(line)
    if inside is not None:
        sys.exit(f"the code that begins at line {inside[0]} has no end")


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    document, fixture, output = map(pathlib.Path, sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    includes, body, programs = [], [], []
    for number, words, lines in blocks(document.read_text()):
        if not words or words[0] != "cpp":
            continue
        here = f'#line {number} "{document}"'
        code = "\n".join(lines)
        if re.search(r"^int main\(", code, re.MULTILINE):
            programs.append(f"line_{number}")
            write_if_changed(output / f"line_{number}.cpp", f"{here}\n{code}\n")
            continue
        includes += [line for line in lines if line.startswith("#include") and line not in includes]
        code = "\n".join("" if line.startswith("#include") else line for line in lines)
        if "declarations" in words:
            body.append(f"{here}\n{code}\n")
        else:
            body.append(f"TEST_F(DocSnippet, line_{number}) {{\n{here}\n{code}\n}}\n")
    if body:
        top = [f'#include "{fixture}"', *includes, ""]
        write_if_changed(output / "snippets.cpp", "\n".join(top + body))
    print("\n".join(programs))


main()
