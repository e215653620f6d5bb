"""TLS from the server itself: who may connect, and new certificates without a restart."""

import signal
import socket
import ssl

import pytest
from conftest import Client, eventually, make_certificate, start_server, trusting


@pytest.fixture
def tls_server(launch, directory):
    certificate, key = make_certificate(directory)
    (directory / "signet.toml").write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    return launch("--config", str(directory / "signet.toml"), tls=trusting(certificate))


def serial(server):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((server.client.host, server.client.port), 5) as plain:
        with context.wrap_socket(plain) as connection:
            return connection.getpeercert(binary_form=True)


def test_login_works_over_tls(tls_server):
    assert tls_server.url.startswith("https://")
    tls_server.client.sign_up("someone")
    token = tls_server.client.log_in("someone")["access_token"]
    assert tls_server.client.get("/profile", token).status == 200


def test_old_protocols_are_refused(tls_server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection((tls_server.client.host, tls_server.client.port), 5) as plain:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            context.wrap_socket(plain)


def test_plain_http_on_the_tls_port_gets_nothing_useful(tls_server):
    plain = Client(tls_server.client.host, tls_server.client.port)
    assert b"200" not in plain.raw(b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n")
    assert tls_server.client.get("/profile").status == 401


def test_a_new_certificate_is_taken_on_sighup_and_a_broken_one_is_not(tls_server, directory):
    before = serial(tls_server)
    certificate, _ = make_certificate(directory)
    tls_server.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: serial(tls_server) != before)
    after = serial(tls_server)
    tls_server.client.tls = trusting(certificate)
    assert tls_server.client.get("/profile").status == 401

    certificate.write_text("not a certificate")
    lines = len(tls_server.log)
    tls_server.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: any("certificate" in line or "tls" in line.lower() for line in tls_server.log[lines:]))
    assert serial(tls_server) == after
    assert tls_server.client.get("/profile").status == 401


def test_a_pair_under_another_name_is_taken_on_sighup(tls_server, directory):
    before = serial(tls_server)
    certificate, key = make_certificate(directory, "other")
    (directory / "signet.toml").write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    tls_server.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: serial(tls_server) != before)
    tls_server.client.tls = trusting(certificate)
    assert tls_server.client.get("/profile").status == 401
    assert "waits for a restart" not in tls_server.log_text()


def test_a_broken_pair_stops_the_start_with_one_clear_line(directory):
    certificate, _ = make_certificate(directory, "a")
    _, other_key = make_certificate(directory, "b")
    (directory / "signet.toml").write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{other_key}"\n')
    with pytest.raises(AssertionError) as failure:
        start_server(directory / "data", "--config", str(directory / "signet.toml"))
    assert "stdout ''" in str(failure.value) and str(other_key) in str(failure.value)
