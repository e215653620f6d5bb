"""SoftHSM as the HSM of a test; behind p11-kit's server it can be gone, and come back."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

MODULE = next((path for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
               if Path(path).exists()), None)
REMOTE = next(iter(Path("/usr/lib").glob("*/pkcs11/p11-kit-client.so")), None)
PIN = "987654"
ABSENT = not MODULE or not REMOTE or not all(map(shutil.which, ("softhsm2-util", "pkcs11-tool", "p11-kit")))
WHY = "scripts/setup installs softhsm2, opensc, p11-kit and p11-kit-modules"


class Hsm:
    def __init__(self):
        self.folder = folder = Path(tempfile.mkdtemp(prefix="signet-hsm-"))
        (folder / "tokens").mkdir()
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        # SoftHSM leaks the name of an Ed25519 key's curve; of our own code, what has no HSM in it is tested for leaks.
        options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))
        # What a program needs that uses it, in its own process or behind the server.
        self.beside = {"SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "SIGNET_PKCS11_PIN": PIN, "ASAN_OPTIONS": options}
        self.remote = {**self.beside, "P11_KIT_SERVER_ADDRESS": f"unix:path={folder}/socket"}
        self.server = None
        self.run("softhsm2-util", "--init-token", "--free", "--label", "vault", "--pin", PIN, "--so-pin", "12345678")

    def run(self, *words):
        made = subprocess.run(words, env={**os.environ, **self.beside}, capture_output=True, timeout=60)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def make_key(self, key_type, label=None):
        """Makes a pair in the token; returns where it is."""
        label = label or key_type.replace(":", "-")
        self.run("pkcs11-tool", "--module", MODULE, "--token-label", "vault", "--login", "--pin", PIN, "--keypairgen",
                 "--key-type", key_type, "--label", label, "--usage-sign", "--sensitive")
        return f"pkcs11:token=vault;object={label}"

    def appear(self):
        """Behind `remote` from now on."""
        (self.folder / "socket").unlink(missing_ok=True)
        self.server = subprocess.Popen(["p11-kit", "server", "-f", "--provider", MODULE, "-n", f"{self.folder}/socket", "pkcs11:token=vault"],
                                       env={**os.environ, **self.beside}, stdout=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 20
        while not (self.folder / "socket").exists():
            assert time.monotonic() < end and self.server.poll() is None, "p11-kit server did not start"
            time.sleep(0.02)

    def vanish(self):
        """With every connection that it had."""
        if self.server:
            os.killpg(self.server.pid, 9)
            self.server.wait()
        self.server = None

    def close(self):
        self.vanish()
        shutil.rmtree(self.folder, ignore_errors=True)
