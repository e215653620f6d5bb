"""The README's tour is run as written: each `$ command` of its console blocks, and the output beside it compared.

What differs from run to run (tokens, identifiers, times) is compared by its shape only."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import Client, eventually, free_port

ROOT = Path(__file__).parents[2]
SIGNET = os.environ.get("SIGNET_BIN", str(ROOT / "build/dev/signet"))

SHAPES = [
    (r"eyJ[\w-]+(\.[\w-]+\.[\w-]+|…)", "TOKEN"),  # shortened by hand on the page
    (r"sgr_[\w-]+…?", "REFRESH"),
    (r"(?<![\w-])[\w-]{43}(?![\w-])", "THUMBPRINT"),
    (r"(?<![\w-])[\w-]{22}(?![\w-])", "ID"),
    (r"\b1[789]\d{8}(\.\d+)?\b", "TIME"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "DATE"),
    (r'("expires_in": ?)\d+', r"\1SECONDS"),
    (r'("idx": ?)\d+', r"\1INDEX"),
    (r"/status/\d+", "/status/LIST"),
    (r"\bin \d+ (minutes|seconds)|\d+ (minutes|seconds) ago", "WHEN"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
]


def shape(text):
    for pattern, name in SHAPES:
        text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def console_blocks(path):
    return re.findall(r"```console\n(.*?)```", path.read_text(), re.S)


def steps(block):
    """(command, expected output) in order; a command goes on while its lines end in a backslash."""
    found, lines = [], block.splitlines()
    while lines:
        line = lines.pop(0)
        assert line.startswith("$ "), f"a console block begins each step with '$ ': {line!r}"
        command = line[2:]
        while command.endswith("\\"):
            command = command[:-1] + lines.pop(0).strip()
        output = []
        while lines and not lines[0].startswith("$ "):
            output.append(lines.pop(0))
        found.append((command, "\n".join(output)))
    return found


def run_steps(path, folder, environment, address):
    """The page says 127.0.0.1:8080; the server of this test is elsewhere."""
    script, marks = [], []
    for block in console_blocks(path):
        for command, output in steps(block):
            command = command.replace("127.0.0.1:8080", address)
            script.append(f"{command}\nprintf '\\n@@%s@@\\n' $?")
            marks.append((command, output))
    run = subprocess.run(["bash", "-c", "exec 2>&1\n" + "\n".join(script)], cwd=folder, env=environment, capture_output=True,
                         text=True, timeout=120)
    parts = re.split(r"\n@@\d+@@\n", run.stdout)
    assert len(parts) == len(marks) + 1, run.stdout
    for (command, expected), actual in zip(marks, parts):
        assert shape(actual) == shape(expected), f"{path.name}: {command}\nprinted\n{actual}"


@pytest.fixture
def tour(launch, directory):
    """A server, and the binary where the page expects it."""
    server = launch()
    (directory / "build/release").mkdir(parents=True)
    (directory / "build/release/signet").symlink_to(SIGNET)
    return server, directory, {**os.environ, "NO_COLOR": "1"}


def test_the_tour_of_the_readme_is_true(tour):
    server, folder, environment = tour
    assert console_blocks(ROOT / "README.md")
    run_steps(ROOT / "README.md", folder, environment, f"{server.client.host}:{server.client.port}")


def block_after(text, heading, language):
    return re.search(rf"## {heading}.*?```{language}\n(.*?)```", text, re.S).group(1)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The programs of the page, built as the page says, in one project so that the library is built once."""
    text = (ROOT / "README.md").read_text()
    folder = tmp_path_factory.mktemp("readme")
    (folder / "signet").symlink_to(ROOT)
    service = block_after(text, "Guard a service of your own", "cpp")
    (folder / "ten.cpp").write_text(block_after(text, "The library in ten lines", "cpp"))
    assert "8081" in service and "127.0.0.1:8080" in service
    (folder / "main.cpp").write_text(service.replace('"http://127.0.0.1:8080"', "argv[2]").replace("8081", "std::stoi(argv[3])"))
    (folder / "CMakeLists.txt").write_text(
        block_after(text, "Guard a service of your own", "cmake")
        + "add_executable(ten ten.cpp)\ntarget_link_libraries(ten PRIVATE signet::signet)\n")
    # The folder's name differs from run to run; what is compiled in it does not.
    environment = {**os.environ, "CCACHE_BASEDIR": str(folder), "CCACHE_NOHASHDIR": "1"}
    subprocess.run(["cmake", "-G", "Ninja", "-B", "build", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"], cwd=folder, check=True,
                   capture_output=True, timeout=60, env=environment)
    made = subprocess.run(["cmake", "--build", "build"], cwd=folder, capture_output=True, text=True, timeout=280, env=environment)
    assert made.returncode == 0, made.stdout[-4000:]
    return folder / "build"


def test_the_service_of_the_readme_guards(launch, directory, programs):
    server = launch()
    port = free_port()
    (directory / "jwks.json").write_bytes(server.client.get("/.well-known/jwks.json").body)
    service = subprocess.Popen([programs / "hello", "jwks.json", server.url, str(port)], cwd=directory)
    try:
        hello = Client("127.0.0.1", port)

        def answers():
            try:
                return hello.get("/hello").status == 401
            except OSError:
                return False

        assert eventually(answers)
        assert hello.get("/hello").header("WWW-Authenticate") == "Bearer"
        account = server.client.sign_up("someone")
        token = server.client.log_in("someone")["access_token"]
        assert hello.get("/hello", token).body.decode() == f"hello {account['id']}\n"
        assert hello.get("/hello", token[:-8] + "AAAAAAAA").status == 401
    finally:
        service.kill()
        service.wait()


def test_the_ten_lines_of_the_readme_run(programs):
    run = subprocess.run([programs / "ten"], env={**os.environ, "SIGNET_SECRET": "a secret of more than thirty-two bytes"},
                         capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout == "user-42 is an admin\n"
    for secret in ({}, {"SIGNET_SECRET": "too short"}):
        bare = {name: value for name, value in os.environ.items() if name != "SIGNET_SECRET"}
        run = subprocess.run([programs / "ten"], env={**bare, **secret}, capture_output=True, text=True)
        assert run.returncode == 1 and run.stderr.strip() and not run.stdout


def test_the_service_of_the_readme_says_what_is_missing(directory, programs):
    run = subprocess.run([programs / "hello", "absent.json", "http://127.0.0.1:1", "0"], cwd=directory, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == "absent.json: No such file or directory\n"


def test_the_readme_names_files_that_exist():
    prose = re.sub(r"```.*?```", "", (ROOT / "README.md").read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        if "://" not in target:
            assert (ROOT / target).exists(), target
