"""Runs of pipeline_bench under callgrind, for the scripts that count instructions."""
import pathlib
import re
import subprocess
import sys
import tempfile

COUNTED = ["--toggle-collect=*Walk::pass*", "--toggle-collect=*put_through_counted*"]


def run(words, out, *options):
    """Standard output and standard error of a counted run; ends the script where it fails."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--collect-atstart=no", *options, *COUNTED,
         f"--callgrind-out-file={out}", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"no count: {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def count_made(binary, stage, frames):
    """{NAME: instructions a message} of made frames of every venue. Only what is counted runs under
    callgrind's instrumentation, so that all of them take seconds."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, _ = run([binary, "--count", stage, "--made", "--frames", str(frames)],
                        f"{folder}/out", "--instr-atstart=no")
        if "first passes are counted" in stdout:
            sys.exit(f"made frames that cannot be played twice:\n{stdout}")
        messages = {name: int(count)
                    for count, name in re.findall(r"^(\d+) frames of (\S+)$", stdout, re.MULTILINE)}
        counts = {}
        for dump in pathlib.Path(folder).glob("out.*"):
            text = dump.read_text(encoding="utf-8")
            name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
            total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
            if name and total:
                counts[name.group(1)] = int(total.group(1)) / messages[name.group(1)]
    missing = [name for name in messages if not counts.get(name)]
    if missing or not messages:
        sys.exit(f"no count of {', '.join(missing) or 'anything'}: pipeline_bench was built without "
                 "valgrind/callgrind.h (scripts/setup installs it)")
    return {name: counts[name] for name in messages}
