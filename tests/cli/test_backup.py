"""signet backup: a copy of the data while a server may be running on it."""

import sqlite3
import stat

import pytest
from conftest import answers, ok, refused, signet

PASSWORD = "correct horse battery staple 42"


def add(name, data):
    ok("users", "add", name, "--data", data, "--create", "--password-stdin", stdin=PASSWORD + "\n")


@pytest.fixture
def data(tmp_path):
    add("alice", tmp_path / "data")
    return tmp_path / "data"


def restored(copy, folder):
    """As docs/installing.md says."""
    folder.mkdir(mode=0o700)
    (folder / "signet.db").write_bytes(copy.read_bytes())
    (folder / "signet.db").chmod(0o600)
    return folder


def usernames(data):
    return [account["username"] for account in answers(signet("users", "list", "--json", "--data", data))]


def test_the_copy_is_whole_private_and_good_for_a_server(data, tmp_path):
    copy = tmp_path / "copy.db"
    assert ok("backup", copy, "--data", data) == f"backed up to {copy}; keep the master key elsewhere\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["copy.db", "data"], "nothing unfinished is left"
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    add("bob", data)
    assert usernames(restored(copy, tmp_path / "restored")) == ["alice"]
    assert usernames(data) == ["alice", "bob"]


def test_nothing_is_overwritten_and_nothing_is_left_of_a_failure(data, tmp_path):
    there = tmp_path / "there"
    there.write_text("precious")
    assert "it is there already" in refused("backup", there, "--data", data)
    assert there.read_text() == "precious"
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    assert "it is there already" in refused("backup", link, "--data", data)
    refused("backup", tmp_path / "no" / "folder" / "copy.db", "--data", data)
    (data / "signet.db").write_bytes(b"this is no database, and long enough to be seen as none" * 100)
    for left in data.glob("signet.db-*"):
        left.unlink()
    refused("backup", tmp_path / "copy.db", "--data", data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "link", "there"]


def test_what_is_no_sqlite_data_is_said(tmp_path):
    assert "--data" in refused("backup", tmp_path / "copy.db", "--data", tmp_path / "nothing")
    said = refused("backup", tmp_path / "copy.db", env={"SIGNET_DATABASE_URL": "postgresql://user:secret@127.0.0.1:1/database"})
    assert "pg_dump" in said and "secret" not in said
    assert not list(tmp_path.iterdir())
