"""The man pages, the completions and docs/cli.md say what `--help` says, no more and no less."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import ROOT, SIGNET, clean_environment, ok

MAN = ROOT / "docs/man"
COMPLETIONS = ROOT / "packaging/completions"


def command_names(*above):
    text = ok(*above, "--help")
    below = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.M)
    return re.findall(r"^  ([a-z-]+)", below.group(1), re.M) if below else []


TOP = command_names()
LEAVES = [(name,) for name in TOP if not command_names(name)] + [(name, below) for name in TOP for below in command_names(name)]
GROUPS = [(name,) for name in TOP if command_names(name)]


def flags_in_help(*command):
    return set(re.findall(r"^  (?:-h,)?(--[a-z0-9-]+)", ok(*command, "--help"), re.M))


def flags_in_page(page):
    text = (MAN / page).read_text()
    options = text[text.index(".Sh OPTIONS"):]
    return {"--" + name for name in re.findall(r"^\.It (?:Fl h , )?Fl Fl ([a-z0-9-]+)", options, re.M)}


@pytest.mark.parametrize("command", TOP)
def test_each_flag_stands_in_the_man_page_and_each_of_the_page_is_a_flag(command):
    below = command_names(command)
    wanted = set().union(*(flags_in_help(command, name) for name in below)) if below else flags_in_help(command)
    assert flags_in_page(f"signet-{command}.1") == wanted


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_the_synopsis_names_flags_that_exist(command):
    synopsis = (MAN / f"signet-{command[0]}.1").read_text().split(".Sh DESCRIPTION")[0]
    [*parts] = [part for part in re.split(r"(?m)^\.Nm ", synopsis) if part.startswith(" ".join(("signet", *command)))]
    assert parts
    named = {"--" + name for part in parts for name in re.findall(r"Fl Fl ([a-z0-9-]+)", part)}
    assert named <= flags_in_help(*command)
    if ".Op Ar option" not in synopsis:
        assert named == flags_in_help(*command) - {"--help"}


def test_the_first_page_names_every_command_and_points_to_its_page():
    text = (MAN / "signet.1").read_text()
    assert re.findall(r"^\.It Cm ([a-z-]+)", text, re.M) == TOP
    assert {f"signet-{name}" for name in TOP} == set(re.findall(r"^\.Xr (signet-[a-z-]+) 1", text, re.M))
    assert flags_in_page("signet.1") == flags_in_help()
    assert {page.name for page in MAN.iterdir()} == {"signet.1"} | {f"signet-{name}.1" for name in TOP}


@pytest.mark.parametrize("page", sorted(page.name for page in MAN.iterdir()))
def test_the_page_renders_without_a_warning(page):
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(MAN / page)], capture_output=True, text=True)
        assert lint.returncode == 0, lint.stdout
    if not shutil.which("man"):
        pytest.skip("neither man nor mandoc is installed") if not shutil.which("mandoc") else None
        return
    run = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(MAN / page)], capture_output=True, text=True,
                         env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    assert run.returncode == 0 and run.stderr == "", run.stderr
    assert "SEE ALSO" in run.stdout


def bash(script):
    run = subprocess.run(["bash", "--noprofile", "--norc", "-c", f"source {COMPLETIONS}/signet.bash\n{script}"], capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return run.stdout.split()


def completed(*words):
    quoted = " ".join(f"'{word}'" for word in ("signet", *words))
    return bash(f'COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _signet; printf "%s\\n" "${{COMPREPLY[@]}}"')


@pytest.mark.parametrize("command", [(), *GROUPS, *LEAVES], ids=" ".join)
def test_bash_completes_each_flag_and_command(command):
    assert set(completed(*command, "--")) == flags_in_help(*command)
    if command in [(), *GROUPS]:
        assert completed(*command, "") == command_names(*command)


def test_bash_completes_values():
    assert completed("keygen", "ES") == ["ES256", "ES384", "ES512", "ES256K"]
    assert completed("sign", "--alg", "HS") == ["HS256", "HS384", "HS512"]
    assert str(ROOT / "docs") in completed("users", "list", "--data", str(ROOT / "do"))
    assert str(ROOT / "README.md") in completed("verify", "--key", str(ROOT / "READ"))
    assert completed("verify", "--iss", "") == []
    assert "HOME" in bash('export HOME=/; COMP_WORDS=(signet sign --secret-env HO); COMP_CWORD=3; _signet; printf "%s\\n" "${COMPREPLY[@]}"')


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_zsh_knows_each_flag(command):
    text = (COMPLETIONS / "_signet").read_text()
    body = re.search(rf"^_signet_{'_'.join(command)}\(\) {{\n(.*?)^}}", text, re.S | re.M).group(1)
    assert set(re.findall(r"(?:['\")*,{])(--[a-z0-9-]+)(?=[\[,}])", body)) == flags_in_help(*command)


@pytest.mark.parametrize("command", LEAVES, ids=" ".join)
def test_fish_knows_each_flag(command):
    text = (COMPLETIONS / "signet.fish").read_text()
    named = re.findall(rf"^complete -c signet -n '__signet_in {' '.join(command)}' -l ([a-z0-9-]+)", text, re.M)
    assert {"--" + name for name in named} | {"--help"} == flags_in_help(*command)


def test_zsh_and_fish_know_each_command():
    zsh, fish = (COMPLETIONS / "_signet").read_text(), (COMPLETIONS / "signet.fish").read_text()
    for command in [*GROUPS, *LEAVES]:
        assert re.search(rf"^    ['\"]{command[-1]}:", zsh, re.M), command
        above = " ".join(("__signet_wants_command", *command[:-1]))
        assert re.search(rf"-n '?{above}'? -a {command[-1]} ", fish), command


SHAPES = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "TOKEN"),
    *((rf"(?<![\w-])[\w-]{{{length}}}(?![\w-])", name) for length, name in ((86, "SIGNATURE"), (43, "THUMBPRINT"), (22, "ID"))),
    (r"\b1[789]\d{8}\b", "SECONDS"), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "INSTANT"), (r"\((in \d+ \w+|\d+ \w+ ago|now)\)", "(WHEN)"),
]


def shape(text):
    for pattern, name in SHAPES:
        text = re.sub(pattern, name, text)
    return text.strip()


def test_the_examples_of_the_overview_are_true(tmp_path):
    """Each `$ command` of docs/cli.md is run, in order, and what it prints compared in its shape."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs/cli.md").read_text(), re.S)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/signet").symlink_to(SIGNET)
    environment = clean_environment({"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"})
    ran = 0
    for block in blocks:
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, expected = re.match(r"((?:.*\\\n)*.*)(\n|$)((?s:.*))", step).groups()
            run = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, input="", timeout=60)
            assert shape(run.stdout) == shape(expected), command
            ran += 1
    assert ran >= 15


def test_the_overview_names_every_command():
    text = (ROOT / "docs/cli.md").read_text()
    for command in LEAVES:
        assert f"signet {' '.join(command)}" in text, command
