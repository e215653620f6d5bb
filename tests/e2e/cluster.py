"""A PostgreSQL server of a test's own, as tests/server/store/postgres_cluster makes it."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "server/store/postgres_cluster"


class NotInstalled(Exception):
    pass


class Cluster:
    def __init__(self, *arguments):
        # A group of its own: Ctrl-C is for who started this, who then ends it.
        self.process = subprocess.Popen([SCRIPT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        process_group=0)
        line = self.process.stdout.readline().split()
        if not line:
            code = self.process.wait()
            if code == 77:
                raise NotInstalled("PostgreSQL is not installed; scripts/setup does that")
            raise AssertionError(f"postgres_cluster ended with {code}")
        _, self.folder, self.port, self.password = line
        self.url = f"postgresql://signet:{self.password}@127.0.0.1:{self.port}/postgres"

    def do(self, command):
        """kill, stop, start, pause or resume"""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer == "done\n", answer

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)
