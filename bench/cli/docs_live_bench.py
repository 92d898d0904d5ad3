#!/usr/bin/env python3
"""skein docs --serve --watch: from a write to the published page, and requests of a page beside python3 -m http.server.

Run by bench/cli/docs_live_bench.sh. Prints the lines of bench/harness/bench.h.
"""
import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SKEIN = os.environ.get("SKEIN_BINARY", "build/release/skein")
REQUESTS = 1000


def figure(name, value, unit, op, bound):
    met = value <= bound if op == "<=" else value >= bound
    print(f"BENCH {name} {value:.4g} {unit} goal {op} {bound:.4g} {'met' if met else 'missed'}")


def wait_for(path, text):
    for _ in range(600):
        with open(path) as log:
            found = re.search(text, log.read())
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"no {text} in {path}")


def requests(port, path):
    """Latencies in ms of one connection that is kept."""
    times = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(REQUESTS):
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"status {answer.status} of {path}")
        times.append((time.perf_counter() - start) * 1e3)
    connection.close()
    return sorted(times)


def main():
    folder = tempfile.mkdtemp(prefix="skein-bench-")
    site, log = folder + "/site", folder + "/log"
    tree = folder + "/tree"
    os.makedirs(tree + "/src")
    for i in range(200):
        with open(f"{tree}/src/unit{i}.py", "w") as out:
            out.write("".join(f"def f{i}_{k}():\n    return {k}\n\n\n" for k in range(20)))
    env = dict(os.environ, HOME=folder)
    with open(log, "w") as out:
        skein = subprocess.Popen([SKEIN, "docs", tree, "--serve", "--watch", "--port", "0", "-o", site], stdout=out,
                                 stderr=subprocess.DEVNULL, env=env)
    peer = None
    try:
        port = int(wait_for(log, r"http://127\.0\.0\.1:(\d+)")[1])
        wait_for(log, "files documented")
        page = site + "/files/src/unit7.py.html"
        times = []
        for k in range(15):
            time.sleep(0.4)
            before = os.stat(page).st_mtime_ns
            with open(tree + "/src/unit7.py", "a") as out:
                out.write(f"def more{k}():\n    pass\n")
            start = time.perf_counter()
            while os.stat(page).st_mtime_ns == before and time.perf_counter() - start < 20:
                time.sleep(0.002)
            times.append((time.perf_counter() - start) * 1e3)
        figure("docs.watch.write_to_page", statistics.median(times), "ms", "<=", 500)
        peer = subprocess.Popen([sys.executable, "-m", "http.server", "0", "--bind", "127.0.0.1", "-d", site],
                                stdout=open(folder + "/peer", "w"), stderr=subprocess.DEVNULL,
                                env=dict(env, PYTHONUNBUFFERED="1"))
        peer_port = int(wait_for(folder + "/peer", r"port (\d+)")[1])
        path = "/files/src/unit7.py.html"
        ours, theirs = [], []
        for _ in range(3):
            ours += requests(port, path)
            theirs += requests(peer_port, path)
        ours.sort()
        theirs.sort()
        figure("docs.serve.requests", 1e3 * len(ours) / sum(ours), "req/s", ">=", 1e3 * len(theirs) / sum(theirs))
        print(f"PEER docs.serve.requests {1e3 * len(theirs) / sum(theirs):.4g} req/s python3-m-http.server")
        for name, q in (("p50", 0.5), ("p99", 0.99)):
            figure(f"docs.serve.{name}", ours[int(len(ours) * q)], "ms", "<=", theirs[int(len(theirs) * q)])
            print(f"PEER docs.serve.{name} {theirs[int(len(theirs) * q)]:.4g} ms python3-m-http.server")
    finally:
        skein.send_signal(signal.SIGINT)
        skein.wait(20)
        if peer:
            peer.terminate()
            peer.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


main()
