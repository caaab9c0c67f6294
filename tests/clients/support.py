"""What the tests of readers share: a publisher that obeys, and damaged segments."""
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


class Publisher:
    """The test publisher as a process; each command returns when it is done."""

    def __init__(self, binary, folder, instance="test"):
        self.path = pathlib.Path(folder) / f"steelyard.{instance}"
        self._process = subprocess.Popen(
            [binary, instance], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "STEELYARD_SHM_DIR": str(folder)})

    @property
    def pid(self):
        return self._process.pid

    def tell(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the publisher ended at: {command}")
        return answer.strip()

    def start(self, shards=1, slots=64):
        self.tell(f"start {shards} {slots}")
        return self

    def publish(self, count, shard=0):
        self.tell(f"publish {count} {shard}")

    def stop(self):
        self.tell("stop")

    def ask(self, command):
        """Without waiting for the answer: finish() does."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def finish(self):
        return self._process.stdout.readline().strip()

    def die(self, how="die"):
        """Ends as if it had crashed: no word to anybody, nothing tidied up."""
        self.ask(how)
        self._process.wait()

    def end(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class ClientTest(unittest.TestCase):
    """A folder and a publisher of each test's own. `binary`: of the publisher."""

    binary = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="steelyard-clients-"))
        os.environ["STEELYARD_SHM_DIR"] = str(self.folder)
        self.publishers = []
        self.publisher = self.new_publisher()

    def tearDown(self):
        for publisher in self.publishers:
            publisher.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_publisher(self):
        self.publishers.append(Publisher(self.binary, self.folder))
        return self.publishers[-1]

    # Segments that are refused. Each takes a good one and returns the text that the refusal holds.
    def without_a_segment(self):
        return "No such file"

    def of_another_version(self):
        self.patch(8, struct.pack("<I", 2 << 16))
        return "layout 2"

    def not_ready(self):
        self.patch(8, struct.pack("<I", 0))
        return "not ready"

    def cut_off(self):
        path = self.fresh_segment()
        os.truncate(path, path.stat().st_size - 4096)
        return "cut off"

    def empty(self):
        os.truncate(self.fresh_segment(), 0)
        return "too short"

    def foreign(self):
        self.patch(0, b"whatever")
        return "not a steelyard segment"

    def region_outside(self):
        self.patch(64 + 5 * 24 + 8, struct.pack("<Q", 1 << 40))
        return "outside"

    def forbidden(self):
        os.chmod(self.fresh_segment(), 0)
        return "Permission denied"

    REFUSALS = ("without_a_segment", "of_another_version", "not_ready", "cut_off", "empty",
                "foreign", "region_outside", "forbidden")

    def fresh_segment(self):
        """Of a publisher that has nothing to do with the damage done before."""
        self.publisher.end()
        for path in self.folder.iterdir():
            path.unlink()
        self.publisher = self.new_publisher()
        return self.publisher.start().path

    def patch(self, offset, value):
        with open(self.fresh_segment(), "r+b") as file:
            file.seek(offset)
            file.write(value)


def run(command, timeout=60, **options):
    """Of a program that must end by itself; as a user to whom file modes apply."""
    return subprocess.run(as_ordinary_user() + [str(word) for word in command], timeout=timeout,
                          text=True, capture_output=True, **options)


def as_ordinary_user():
    """Root reads what it has no permission to: without these capabilities it does not."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def main(case):
    """Runs the tests of `case` in a process to which file modes apply."""
    if os.geteuid() == 0 and os.environ.get("STEELYARD_ORDINARY") is None:
        os.environ["STEELYARD_ORDINARY"] = "1"
        command = as_ordinary_user()
        os.execvp(command[0], command + [sys.executable] + sys.argv)
    result = unittest.TextTestRunner(verbosity=2).run(
        unittest.defaultTestLoader.loadTestsFromTestCase(case))
    sys.exit(0 if result.wasSuccessful() else 1)
