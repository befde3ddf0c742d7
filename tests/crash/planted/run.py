#!/usr/bin/env python3
"""Plants each fault of this folder in a scratch checkout and runs the tests that must turn red by it.

    tests/crash/planted/run.py [--jobs N] [PATCH...]

A patch says in its first line what it breaks; `red:` names the tests as ctest -R takes them, `build:` the
targets they need. A fault that stays green is printed as MISSED, and the exit code is 1. The scratch
checkout is of HEAD, in build/planted, and is kept for the next time.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent.parent
SCRATCH = ROOT / "build" / "planted"
TREE, BUILD = SCRATCH / "tree", SCRATCH / "build"


def run(*words, check=True, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def fresh_tree():
    head = run("git", "-C", ROOT, "rev-parse", "HEAD").stdout.strip()
    if not TREE.is_dir():
        run("git", "-C", ROOT, "worktree", "prune")
        run("git", "-C", ROOT, "worktree", "add", "--detach", TREE, head)
    run("git", "-C", TREE, "checkout", "--force", "--detach", head)
    if not (BUILD / "build.ninja").is_file():
        run("cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_CXX_COMPILER=g++-12", "-DPATRON_WERROR=OFF", "-DPATRON_BENCH=OFF")


class Patch:
    def __init__(self, path):
        self.path = path
        self.name = path.stem
        head = path.read_text(encoding="utf-8").split("diff --git", 1)[0]
        self.what = head.splitlines()[0]
        self.red = re.search(r"^red: (.+)$", head, re.M)[1]
        self.targets = re.search(r"^build: (.+)$", head, re.M)[1].split()


def red_tests(patch, jobs):
    """Names of the tests that fail with the fault planted."""
    run("git", "-C", TREE, "apply", patch.path)
    try:
        run("ninja", f"-j{jobs}", "-C", BUILD, *patch.targets)
        done = run("ctest", "--test-dir", BUILD, "-R", patch.red, "--no-tests=error", check=False)
    finally:
        run("git", "-C", TREE, "apply", "-R", patch.path)
    failed = re.search(r"The following tests FAILED:\n(.*?)(?:\n\n|Errors while|\Z)", done.stdout, re.S)
    if done.returncode != 0 and not failed:
        sys.exit(f"{patch.name}: ctest ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return re.findall(r"- (\S+) \(", failed[1]) if failed else []


def green_without(patches, jobs):
    """The same tests pass while nothing is planted."""
    run("ninja", f"-j{jobs}", "-C", BUILD, *{target for patch in patches for target in patch.targets})
    wanted = "|".join(dict.fromkeys(patch.red for patch in patches))
    done = run("ctest", "--test-dir", BUILD, "-R", wanted, "--no-tests=error", check=False)
    if done.returncode != 0:
        sys.exit(f"red before anything is planted:\n{done.stdout}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("patches", nargs="*", help="names without .patch; default: all")
    arguments = parser.parse_args()
    paths = [FOLDER / f"{name}.patch" for name in arguments.patches] or sorted(FOLDER.glob("*.patch"))
    patches = [Patch(path) for path in paths]
    fresh_tree()
    green_without(patches, arguments.jobs)
    missed = 0
    for patch in patches:
        began = time.monotonic()
        red = red_tests(patch, arguments.jobs)
        missed += not red
        shown = ", ".join(red[:4]) + (f" and {len(red) - 4} more" if len(red) > 4 else "")
        print(f"{patch.name:28} {time.monotonic() - began:4.0f} s  {shown or 'MISSED'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
