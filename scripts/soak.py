#!/usr/bin/env python3
"""Random skein commands on a changing tree for a while: nothing may grow, and nothing may differ at the end.

usage: scripts/soak.py SKEIN [SECONDS]     SKEIN_SEED=N repeats a run's commands

Edits, adds, moves and removes files between commands, and kills one run in twenty. Fails when a command fails, when the
peak memory or (after gc) the state of the last quarter is more than 25 % + 4 MB over that of the second, or when the
site differs from that of a clean run.
"""
import filecmp
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SKEIN = os.path.abspath(sys.argv[1])
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2] else 600.0
SEED = int(os.environ.get("SKEIN_SEED", random.SystemRandom().randrange(2**32)))
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src")
SLACK_BYTES = 4_000_000
JOURNALS_KEPT = 10
MOST_FILES = 420  # The tree must not grow, or memory and state rightly would.


def run(tree, arguments, kill_after_s=None, codes=(0,)):
    """Runs skein in `tree`; returns its peak memory in bytes, or None when it was killed."""
    child = subprocess.Popen([SKEIN, *arguments], cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child.pid, signal.SIGKILL)  # Not send_signal: that reaps a child that has ended.
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode == -signal.SIGKILL and kill_after_s is not None:
        return None
    if child.returncode not in codes:
        sys.exit(f"soak: `skein {' '.join(arguments)}` ended with {child.returncode} (seed {SEED})\n{errors.decode(errors='replace')}")
    return usage.ru_maxrss * 1024


def sources(tree):
    return sorted(
        os.path.join(folder, name)
        for folder, folders, names in os.walk(tree)
        if ".skein" not in folder and ".git" not in folder
        for name in names
        if name.endswith((".cc", ".h"))
    )


def edit(tree, chance, counter):
    files = sources(tree)
    path = chance.choice(files)
    what = chance.random()
    if what < 0.6 or len(files) < 20:
        with open(path, "a") as file:
            file.write(f"\nint soak_{counter}() {{ return {counter}; }}\n")
    elif what < 0.75 and len(files) < MOST_FILES:
        with open(os.path.join(os.path.dirname(path), f"soak_{counter}.h"), "w") as file:
            file.write(f'// Added by the soak.\n#include "{os.path.basename(path)}"\nstruct Soak{counter} {{}};\n')
    elif what < 0.9:
        os.rename(path, path.rsplit(".", 1)[0] + f"_{counter % 7}." + path.rsplit(".", 1)[1])
    elif len(files) > 40:
        os.remove(path)
    # Files must not grow for ever, or memory and state rightly would.
    if os.path.exists(path) and os.path.getsize(path) > 40_000:
        with open(path, "w") as file:
            file.write("// Cut by the soak.\n")


def folder_bytes(folder):
    return sum(
        os.lstat(os.path.join(where, name)).st_blocks * 512 for where, _, names in os.walk(folder) for name in names
    )


def same(a, b):
    """The names of what differs between two sites, changes.* left out (it tells of the run)."""
    differing = []
    comparison = filecmp.dircmp(a, b)
    stack = [("", comparison)]
    while stack:
        prefix, at = stack.pop()
        found = at.left_only + at.right_only
        _, mismatch, errors = filecmp.cmpfiles(at.left, at.right, at.common_files, shallow=False)
        differing += [prefix + n for n in found + mismatch + errors if not n.startswith("changes.")]
        stack += [(prefix + n + "/", sub) for n, sub in at.subdirs.items()]
    return differing


def forget_old_runs(tree):
    """Removes all journals but the newest: gc keeps what runs made for as long as their journals, 90 days by default."""
    folder = os.path.join(tree, ".skein", "journals")
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".journal"))[:-JOURNALS_KEPT]:
        os.remove(os.path.join(folder, name))


def grown(name, values, unit=1e6):
    quarter = len(values) // 4
    early, late = statistics.median(values[quarter : 2 * quarter]), statistics.median(values[-quarter:])
    print(f"soak: {name}: {early / unit:.1f} MB in the second quarter, {late / unit:.1f} MB in the last")
    return late > 1.25 * early + SLACK_BYTES


def main():
    chance = random.Random(SEED)
    commands = kills = 0
    memory, state = [], []
    with tempfile.TemporaryDirectory(prefix="skein-soak-") as work:
        os.environ["HOME"] = work
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            os.environ.pop(name, None)
        tree = os.path.join(work, "tree")
        shutil.copytree(SOURCES, os.path.join(tree, "src"))
        subprocess.run(["git", "init", "-q", tree], check=True)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for _ in range(chance.randrange(4)):
                edit(tree, chance, commands)
            which = chance.random()
            if which < 0.05:
                run(tree, ["docs", "--quiet"], kill_after_s=chance.random() * 0.2)
                kills += 1
            elif which < 0.75:
                peak = run(tree, ["docs", "--quiet"] + chance.choice([[], [], ["--jobs", "1"], ["--serial"], ["--no-cutoff"]]))
                memory.append(peak)
            else:
                run(tree, chance.choice([["symbols", "src"], ["runs", "list"], ["verify"], ["doctor"], ["version"]]))
            commands += 1
            if commands % 20 == 0:
                forget_old_runs(tree)
                run(tree, ["gc"])
                state.append(folder_bytes(os.path.join(tree, ".skein")))
        run(tree, ["docs", "--quiet"])
        shutil.copytree(os.path.join(tree, ".skein", "docs"), os.path.join(work, "kept"))
        shutil.rmtree(os.path.join(tree, ".skein"))
        run(tree, ["docs", "--quiet"])
        differing = same(os.path.join(work, "kept"), os.path.join(tree, ".skein", "docs"))
        print(f"soak: {commands} commands, {kills} kills, seed {SEED}")
        bad = len(memory) >= 8 and grown("peak memory of docs", memory)
        bad = (len(state) >= 8 and grown("state after gc", state)) or bad
        if differing:
            print("soak: differs from a clean run: " + ", ".join(differing[:10]))
        if bad or differing:
            sys.exit(f"soak: FAILED (seed {SEED})")
        print("soak: nothing grew, and the site is what a clean run makes")


if __name__ == "__main__":
    main()
