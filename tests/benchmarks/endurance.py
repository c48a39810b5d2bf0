#!/usr/bin/env python3
"""What results survive: kills, damaged files, bad weather. Prints Markdown tables for docs/reliability.md.

  tests/benchmarks/endurance.py PROGRAM [--kills 200] [--damages 300] [--seed 1] [--only damage,kills,weather] [--folder DIR]

PROGRAM is `tonne`. Exit code 1 when something does not hold. Everything happens in a folder of its own below --folder
(default: the system's temporary folder). Weather needs root for a small file system; without it these rows say "skipped".
"""

import argparse
import collections
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

EXPERIMENT = """name: endured
seeds: 4
problems: [cell_nas, {function: {function: hartmann6}}]
strategies: [random, regularized_evolution]
cluster: {workers: 4}
budget: {evaluations: 100}
"""
# Longer, so that a kill has something to hit.
LONG = EXPERIMENT.replace("evaluations: 100", "evaluations: 3000")


class Bench:
    """The program under test, in a folder of its own."""

    def __init__(self, program, folder, seed):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.random = random.Random(seed)
        self.failures = []
        listed = self.tonne("export", "x", "--format", "?").stderr.decode()  # "--format: ? not in {optuna,...}"
        self.formats = listed[listed.find("{") + 1:listed.find("}")].split(",")
        self.repairs = b"repair" in self.tonne("--help").stdout
        self.write("e.yaml", EXPERIMENT)
        self.write("long.yaml", LONG)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def tonne(self, *arguments, **options):
        options.setdefault("timeout", 120)
        return subprocess.run([self.program, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def clear(self, *names):
        for name in names:
            shutil.rmtree(self.path(name), ignore_errors=True)

    def copy(self, source, target):
        self.clear(target)
        shutil.copytree(self.path(source), self.path(target))

    def contents(self, name):
        """Every file of a results folder, but for what may differ: the simulator's own footprint; the store by its rows."""
        found = {}
        for root, _, files in os.walk(self.path(name)):
            for file in files:
                path = os.path.join(root, file)
                key = os.path.relpath(path, self.path(name))
                if file == "results.sqlite":
                    found[key] = self.tonne("show", name, "--digest").stdout
                elif file != "footprint.json":
                    with open(path, "rb") as stream:
                        found[key] = hashlib.sha256(stream.read()).hexdigest()
        return found

    def check(self, holds, what):
        if not holds:
            self.failures.append(what)
        return holds


def table(columns, rows):
    print("| " + " | ".join(columns) + " |")
    print("|" + "-|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


# Damaged stores.

def damage_commands(bench):
    """Name, arguments on the store `d`, and the folder whose files are results too."""
    commands = [("show --json", ["show", "d", "--json"], None),
                ("show --digest", ["show", "d", "--digest"], None),
                ("run --resume", ["run", "e.yaml", "--quiet", "--json", "--resume", "--out", "d"], "d"),
                ("report", ["report", "d", "--out", "d/page.html"], "d/page.html"),
                ("compare", ["compare", "d", "whole", "--format", "json"], None),
                ("merge", ["merge", "d", "--out", "joined", "--json"], "joined")]
    for kind in bench.formats:
        commands.append(("export " + kind, ["export", "d", "--format", kind, "--out", "d/x.out"], "d/x.out"))
    return commands


def outcome_of(bench, arguments, result):
    bench.clear("joined")
    done = bench.tonne(*arguments)
    made = None
    if result and done.returncode == 0:
        path = bench.path(result)
        if os.path.isdir(path):
            made = bench.contents(result)
        elif os.path.isfile(path):
            with open(path, "rb") as file:
                made = file.read()
    return done, (done.stdout, made)


def damaged(bench, number):
    """Flips a byte (two of three) or cuts the file, and says what it did."""
    path = bench.path("d", "results.sqlite")
    size = os.path.getsize(path)
    at = bench.random.randrange(size)
    if number % 3 == 2:
        os.truncate(path, at)
        return f"cut at {at}"
    with open(path, "r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        file.seek(at)
        file.write(bytes([old ^ bench.random.randrange(1, 256)]))
    return f"byte {at}"


def kind_of(done, outcome, intact):
    words = done.stderr.decode(errors="replace")
    if done.returncode < 0:
        return "crashed"
    if done.returncode == 0:
        return "same results" if outcome == intact else "OTHER RESULTS"
    if done.returncode == 3 and "is damaged" in words and words.count("\n") <= 2:
        return "damage named"
    return "refused otherwise"


KINDS = ("same results", "damage named", "refused otherwise", "crashed", "OTHER RESULTS")


def repaired(bench, intact):
    """Whether what repair saved, resumed, is the whole again; and how many cells it saved."""
    bench.clear("saved")
    done = bench.tonne("repair", "d", "--experiment", "e.yaml", "--out", "saved")
    if done.returncode != 0:
        return "nothing saved" if done.returncode == 3 else "crashed"
    again = bench.tonne("run", "e.yaml", "--quiet", "--resume", "--out", "saved")
    if again.returncode != 0 or bench.contents("saved") != intact:
        return "OTHER RESULTS"
    words = done.stdout.decode()
    return "all cells" if "Lost" not in words else "some cells"


def test_damage(bench, count):
    bench.clear("whole")
    assert bench.tonne("run", "e.yaml", "--quiet", "--out", "whole").returncode == 0
    commands = damage_commands(bench)
    intact = {}
    for name, arguments, result in commands:
        bench.copy("whole", "d")
        intact[name] = outcome_of(bench, arguments, result)[1]
    whole = bench.contents("whole")
    counts = {name: collections.Counter() for name, _, _ in commands}
    repairs = collections.Counter()
    for number in range(count):
        state = bench.random.getstate()
        for name, arguments, result in commands:
            bench.random.setstate(state)
            bench.copy("whole", "d")
            what = damaged(bench, number)
            kind = kind_of(*outcome_of(bench, arguments, result), intact[name])
            counts[name][kind] += 1
            bench.check(kind in KINDS[:2], f"damage: {name}, {what}: {kind}")
        if bench.repairs:
            bench.random.setstate(state)
            bench.copy("whole", "d")
            what = damaged(bench, number)
            kind = repaired(bench, whole)
            repairs[kind] += 1
            bench.check(kind in ("all cells", "some cells", "nothing saved"), f"repair: {what}: {kind}")
    print(f"{count} damaged stores ({os.path.getsize(bench.path('whole', 'results.sqlite'))} bytes, 16 cells; a byte changed, every "
          "third cut):\n")
    table(["command", *KINDS], [[name, *(counts[name][kind] for kind in KINDS)] for name, _, _ in commands])
    if bench.repairs:
        print("`tonne repair` of the same, then `tonne run --resume`: "
              + ", ".join(f"{kind}: {number}" for kind, number in sorted(repairs.items())) + "\n")


# Kills.

def killed_at(bench, arguments, seconds, number=signal.SIGKILL):
    """Starts the program, sends the signal after so long, and returns the exit status (negative: the signal)."""
    process = subprocess.Popen([bench.program, *arguments], cwd=bench.folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(number)
    words = process.communicate(timeout=120)[1].decode(errors="replace")
    return process.returncode, words


def kill_commands(bench):
    """Name, arguments that write into `k`, what to copy to `k` first, and how to repeat the command."""
    shards = [f"part{i}" for i in (1, 2)]
    commands = [("run", ["run", "long.yaml", "--quiet", "--out", "k"], None,
                 ["run", "long.yaml", "--quiet", "--resume", "--out", "k"]),
                ("run --resume", ["run", "long.yaml", "--quiet", "--resume", "--out", "k"], "half", None),
                ("merge", ["merge", *shards, "--out", "k"], None, None),
                ("report", ["report", "k", "--charts", "k/charts"], "finished", None)]
    for kind in bench.formats:
        commands.append(("export " + kind, ["export", "k", "--format", kind], "finished", None))
    if bench.repairs:
        commands.append(("repair", ["repair", "harmed", "--out", "k"], None, None))
    return commands


def prepare_kills(bench):
    for arguments in (["run", "long.yaml", "--quiet", "--out", "finished"],
                      ["run", "long.yaml", "--quiet", "--shard", "1/2", "--out", "part1"],
                      ["run", "long.yaml", "--quiet", "--shard", "2/2", "--out", "part2"]):
        assert bench.tonne(*arguments).returncode == 0
    began = time.monotonic()
    bench.tonne("run", "long.yaml", "--quiet", "--out", "half")
    whole = time.monotonic() - began
    while True:  # a store that was killed in the middle
        bench.clear("half")
        killed_at(bench, ["run", "long.yaml", "--quiet", "--out", "half"], 0.6 * whole)
        if not os.path.exists(bench.path("half", "summary.json")):
            break
    bench.copy("finished", "harmed")
    with open(bench.path("harmed", "results.sqlite"), "r+b") as file:
        file.seek(-3000, os.SEEK_END)
        file.write(b"harm")


def test_kills(bench, count):
    prepare_kills(bench)
    commands = kill_commands(bench)
    rows = []
    for index, (name, arguments, begin, again) in enumerate(commands):
        def prepare():
            bench.clear("k")
            if begin:
                bench.copy(begin, "k")
        prepare()
        began = time.monotonic()
        done = bench.tonne(*arguments)
        assert done.returncode == 0, (name, done.stderr)
        whole_s = time.monotonic() - began
        intact = bench.contents("k")
        kills = count // len(commands) + (1 if index < count % len(commands) else 0)
        hit = same = drafts = 0
        for _ in range(kills):
            prepare()
            status, _ = killed_at(bench, arguments, bench.random.uniform(0, whole_s))
            hit += status == -signal.SIGKILL
            drafts += any(".new" in f for f in files_of(bench, "k"))
            repeat = again or arguments
            if name in ("merge", "repair") and os.path.exists(bench.path("k", "results.sqlite")):
                repeat = ["run", "long.yaml", "--quiet", "--resume", "--out", "k"]  # complete but for its exports
            done = bench.tonne(*repeat)
            found = bench.contents("k") if done.returncode == 0 else None
            expected = dict(intact)
            if repeat != arguments and name == "repair":
                expected = bench.contents("finished")
            good = found == expected
            same += bench.check(good, f"killed {name}: other files or bytes after {' '.join(repeat)}: {done.stderr[-300:]} "
                                + ("" if found is None else str(set(found) ^ set(expected))))
        rows.append([name, kills, hit, same, drafts])
    print(f"kill -9 at {count} random moments; then the same command again (a run with --resume):\n")
    table(["command", "kills", "of these while it ran", "same files and bytes afterwards", "left a draft until then"], rows)


def files_of(bench, name):
    return [os.path.relpath(os.path.join(root, file), bench.path(name))
            for root, _, files in os.walk(bench.path(name)) for file in files]


# Bad weather.

class SmallDisk:
    """A file system in memory of so many bytes, where the user may mount one."""

    def __init__(self, bench, size):
        self.path = bench.path("disk")
        os.makedirs(self.path, exist_ok=True)
        self.size = size

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", self.path], check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True, capture_output=True)


def told_once(done, code=3):
    """Whether a failure was told in a few lines with that exit code, and nothing crashed."""
    words = done.stderr.decode(errors="replace").strip()
    return done.returncode == code and 0 < len(words.splitlines()) <= 2 and "internal error" not in words


def full_disk(bench):
    """Disks from too small for anything to large enough, then a larger one: the same bytes as without trouble."""
    whole = bench.contents("whole")
    size = sum(os.path.getsize(bench.path("whole", f)) for f in files_of(bench, "whole"))
    told = same = finished = 0
    steps = 24
    for step in range(steps):
        with SmallDisk(bench, 8192 + 4096 * (size * (step + 1) // steps // 1024)):
            done = bench.tonne("run", "e.yaml", "--quiet", "--out", "disk/r")
            told += told_once(done)
            finished += done.returncode == 0
            bench.check(done.returncode == 0 or told_once(done), f"full disk, step {step}: {done.returncode} {done.stderr[-300:]}")
            drafts = [f for f in files_of(bench, "disk") if ".new" in f]
            bench.check(not drafts, f"full disk, step {step}: left {drafts}")
            subprocess.run(["mount", "-o", "remount,size=1g", bench.path("disk")], check=True, capture_output=True)
            again = bench.tonne("run", "e.yaml", "--quiet", "--resume", "--out", "disk/r")
            same += bench.check(again.returncode == 0 and bench.contents("disk/r") == whole,
                                f"full disk, step {step}, resumed: {again.returncode} {again.stderr[-300:]}")
    return f"{told} of {steps} sizes told in a sentence, {finished} large enough; {same} resumed to the same bytes", told + finished == steps == same


def full_disk_for(bench, arguments):
    """A command that writes one file, on disks of growing size: all or nothing."""
    states = collections.Counter()
    for step in range(12):
        with SmallDisk(bench, 4096 * (1 + step * step)):
            done = bench.tonne(*arguments)
            left = files_of(bench, "disk")
            if done.returncode == 0:
                states["written"] += 1
            elif told_once(done) and not left:
                states["told"] += 1
            else:
                states["WRONG"] += 1
                bench.check(False, f"full disk: {arguments}: {done.returncode} {left} {done.stderr[-300:]}")
    return ", ".join(f"{kind} {number}" for kind, number in sorted(states.items())), states["WRONG"] == 0


def file_size_limit(bench):
    """RLIMIT_FSIZE: SIGXFSZ must not kill, or a resumed run is as if nothing had been."""
    whole = bench.contents("whole")
    good = 0
    sizes = [20_000, 60_000, 150_000, 300_000]
    for size in sizes:
        bench.clear("r")
        done = bench.tonne("run", "e.yaml", "--quiet", "--out", "r",
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        again = bench.tonne("run", "e.yaml", "--quiet", "--resume", "--out", "r")
        good += bench.check(told_once(done) and again.returncode == 0 and bench.contents("r") == whole,
                            f"file size limit {size}: {done.returncode} {done.stderr[-200:]}, resumed {again.returncode}")
    return f"{good} of {len(sizes)} limits told, and resumed to the same bytes", good == len(sizes)


def read_only(bench):
    bench.copy("whole", "disk/ro")
    results = {}
    subprocess.run(["mount", "--bind", bench.path("disk"), bench.path("disk")], check=True, capture_output=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", bench.path("disk")], check=True, capture_output=True)
        results["show"] = bench.tonne("show", "disk/ro").returncode == 0
        results["report to stdout"] = bench.tonne("report", "disk/ro", "--format", "text").returncode == 0
        for name, arguments in {"report": ["report", "disk/ro"], "run": ["run", "e.yaml", "--quiet", "--out", "disk/new"],
                                "run --resume": ["run", "e.yaml", "--quiet", "--resume", "--out", "disk/ro"],
                                "merge": ["merge", "whole", "--out", "disk/new"],
                                "export": ["export", "disk/ro", "--format", "optuna"]}.items():
            results[name] = told_once(bench.tonne(*arguments))
    finally:
        subprocess.run(["umount", bench.path("disk")], check=True, capture_output=True)
        bench.clear("disk/ro")
    bad = [name for name, good in results.items() if not bench.check(good, f"read-only: {name}")]
    return "reading works, writing is told in a sentence" + (f"; NOT: {bad}" if bad else ""), not bad


def limited(bench, what, values, arguments, expected):
    """Under a limit of so much each: a sentence or a result, never a crash, and the store goes on afterwards."""
    whole = bench.contents("whole")
    kinds = collections.Counter()
    for value in values:
        bench.clear("r")
        done = bench.tonne(*arguments, preexec_fn=lambda: (resource.setrlimit(what, (value, value)),
                                                           resource.setrlimit(resource.RLIMIT_CORE, (0, 0))))
        words = done.stderr.decode(errors="replace").strip()
        if done.returncode == 0:
            kinds["done"] += 1
        elif done.returncode in expected and words and "internal error" not in words and len(words.splitlines()) <= 2:
            kinds["told"] += 1
        elif b"error while loading shared libraries" in done.stderr:
            kinds["too little to start"] += 1
        else:
            kinds["WRONG"] += 1
            bench.check(False, f"limit {what} {value}: {done.returncode} {words[-300:]}")
        if os.path.exists(bench.path("r")):
            again = bench.tonne("run", "e.yaml", "--quiet", "--resume", "--out", "r")
            if not bench.check(again.returncode == 0 and bench.contents("r") == whole, f"limit {what} {value}: not resumed"):
                kinds["NOT RESUMED"] += 1
    return ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())), not kinds["WRONG"] and not kinds["NOT RESUMED"]


def signals(bench):
    whole = bench.contents("finished")
    good = total = 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for _ in range(3):
            total += 1
            bench.clear("r")
            status, words = killed_at(bench, ["run", "long.yaml", "--quiet", "--out", "r"], bench.random.uniform(0.03, 0.2), number)
            clean = status == 0 or (status == 130 and "Continue with:" in words) or status == -number  # before it began
            again = bench.tonne("run", "long.yaml", "--quiet", "--resume", "--out", "r")
            good += bench.check(clean and again.returncode == 0 and bench.contents("r") == whole, f"{number}: {status} {words[-200:]}")
    return f"{good} of {total} stopped cleanly and resumed to the same bytes", good == total


def closed_pipe(bench):
    """`tonne ... | head -c 1`: every file of the run is there all the same."""
    bench.clear("r")
    shell = f"'{bench.program}' run e.yaml --quiet --out r | head -c 1 >/dev/null; '{bench.program}' show r | head -c 1"
    done = subprocess.run(["bash", "-c", shell], cwd=bench.folder, capture_output=True, timeout=60)
    files = set(files_of(bench, "r"))
    good = bench.contents("r") == bench.contents("whole") and "footprint.json" in files and not done.stderr
    bench.check(good, f"closed pipe: {files} {done.stderr[-200:]}")
    return "all files are written before anything is printed", good


def streams(bench):
    """stdout and stderr that cannot be written."""
    rows = {}
    for name, shell, code in (("stdout full", "run e.yaml --quiet --out r >/dev/full", 3), ("stdout closed", "run e.yaml --quiet --out r >&-", 3),
                              ("stderr full", "run e.yaml --out r >/dev/null 2>/dev/full", 0),
                              ("stderr full, failing", "show nowhere 2>/dev/full", 3),
                              ("stderr closed", "run e.yaml --out r >/dev/null 2>&-", 0)):
        bench.clear("r")
        done = subprocess.run(["bash", "-c", f"'{bench.program}' {shell}"], cwd=bench.folder, capture_output=True, timeout=60)
        files = bench.contents("r") == bench.contents("whole") if "run" in shell else True
        rows[name] = bench.check(done.returncode == code and files, f"{name}: {done.returncode} {done.stderr[-200:]}")
    return ", ".join(rows), all(rows.values())


def removed_folder(bench):
    """The folder goes while it runs: a sentence, or the run ends well without anybody to read it; no crash."""
    good = 0
    for _ in range(6):
        bench.clear("r")
        process = subprocess.Popen([bench.program, "run", "long.yaml", "--quiet", "--out", "r"], cwd=bench.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(bench.random.uniform(0.02, 0.2))
        bench.clear("r")
        words = process.communicate(timeout=60)[1].decode()
        good += bench.check(process.returncode in (0, 3) and "internal error" not in words,
                            f"removed folder: {process.returncode} {words[-300:]}")
    return f"{good} of 6 ended in a sentence", good == 6


def without_locks(bench):
    """A file system without locks, by a library that refuses them."""
    source = bench.path("nolocks.c")
    with open(source, "w") as file:
        file.write("""#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int refuse(void) { errno = NOLOCK; return -1; }
int flock(int d, int o) { (void)d; (void)o; return refuse(); }
int fcntl(int d, int c, ...) {
  va_list a; va_start(a, c); void* p = va_arg(a, void*); va_end(a);
  if (c == F_SETLK || c == F_SETLKW) return refuse();
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, "fcntl");
  return real(d, c, p);
}
int fcntl64(int d, int c, ...) { va_list a; va_start(a, c); void* p = va_arg(a, void*); va_end(a); return fcntl(d, c, p); }
""")
    rows = []
    for error in ("ENOLCK", "EOPNOTSUPP"):
        library = bench.path("nolocks.so")
        built = subprocess.run(["cc", "-shared", "-fPIC", f"-DNOLOCK={error}", "-o", library, source, "-ldl"], capture_output=True)
        if built.returncode != 0:
            return "skipped: no C compiler", True
        environment = dict(os.environ, LD_PRELOAD=library)
        bench.clear("r")
        run = bench.tonne("run", "e.yaml", "--quiet", "--out", "r", env=environment)
        began = time.monotonic()
        show = bench.tonne("show", "whole", env=environment)
        wait = time.monotonic() - began
        good = told_once(run) and b"lock" in run.stderr and (show.returncode == 0 or told_once(show) and b"lock" in show.stderr) and wait < 3
        rows.append(bench.check(good, f"without locks ({error}): run {run.returncode} {run.stderr[-300:]}, show {show.returncode} "
                                f"{show.stderr[-300:]} after {wait:.1f} s"))
    return "writing is refused in a sentence that says what to do; reading too, or it works", all(rows)


def clock_jumps(bench):
    """Other days, other zones, and a clock that runs backwards: the same bytes."""
    source = bench.path("clock.c")
    with open(source, "w") as file:
        file.write("""#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long calls = 0;
static long jump(void) { return 86400L * (__sync_fetch_and_add(&calls, 1) % 7 - 5000); }
int clock_gettime(clockid_t c, struct timespec* t) {
  int r = (int)syscall(SYS_clock_gettime, c, t);
  if (c == CLOCK_REALTIME) t->tv_sec += jump();
  return r;
}
time_t time(time_t* t) { struct timespec s; clock_gettime(CLOCK_REALTIME, &s); if (t) *t = s.tv_sec; return s.tv_sec; }
int gettimeofday(struct timeval* t, void* z) { (void)z; struct timespec s; clock_gettime(CLOCK_REALTIME, &s); t->tv_sec = s.tv_sec; t->tv_usec = 0; return 0; }
""")
    library = bench.path("clock.so")
    if subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], capture_output=True).returncode != 0:
        return "skipped: no C compiler", True
    bench.clear("r")
    done = bench.tonne("run", "e.yaml", "--quiet", "--out", "r", env=dict(os.environ, LD_PRELOAD=library, TZ="Asia/Kathmandu"))
    good = bench.check(done.returncode == 0 and bench.contents("r") == bench.contents("whole"), f"clock: {done.returncode} {done.stderr[-300:]}")
    return "a clock that jumps by days at every reading changes no byte", good


def two_writers(bench):
    whole = bench.contents("finished")
    bench.clear("r")
    arguments = [bench.program, "run", "long.yaml", "--quiet", "--resume", "--out", "r"]
    writers = [subprocess.Popen(arguments, cwd=bench.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
               for _ in range(6)]
    ends = [(w.communicate(timeout=120)[1].decode(), w.returncode) for w in writers]
    clean = all(code == 0 or (code == 3 and "another tonne is writing" in words) for words, code in ends)
    again = bench.tonne("run", "long.yaml", "--quiet", "--resume", "--out", "r")
    good = bench.check(clean and again.returncode == 0 and bench.contents("r") == whole, f"writers: {ends}")
    return f"{sum(code == 0 for _, code in ends)} of 6 wrote, the others were refused in a sentence", good


def test_weather(bench):
    if not os.path.exists(bench.path("whole")):
        assert bench.tonne("run", "e.yaml", "--quiet", "--out", "whole").returncode == 0
    if not os.path.exists(bench.path("finished")):
        assert bench.tonne("run", "long.yaml", "--quiet", "--out", "finished").returncode == 0
    run = ["run", "e.yaml", "--quiet", "--threads", "2", "--out", "r"]
    root = os.geteuid() == 0
    rows = [("disk full, run", full_disk, root), ("disk full, report", lambda b: full_disk_for(b, ["report", "whole", "--out", "disk/p.html"]), root)]
    for kind in bench.formats:
        rows.append((f"disk full, export {kind}", lambda b, k=kind: full_disk_for(b, ["export", "whole", "--format", k, "--out", "disk/x"]), root))
    rows += [("file size limit (SIGXFSZ)", file_size_limit, True), ("read-only folder", read_only, root),
             ("out of file descriptors", lambda b: limited(b, resource.RLIMIT_NOFILE, range(4, 20), run, (2, 3)), True),
             ("memory limit", lambda b: limited(b, resource.RLIMIT_AS, [m << 20 for m in range(12, 100, 6)], run, (1, 3)), True),
             ("SIGINT, SIGTERM, SIGHUP", signals, True), ("closed pipe", closed_pipe, True), ("full or closed streams", streams, True),
             ("folder removed while running", removed_folder, True), ("clock jumps", clock_jumps, True), ("six writers", two_writers, True),
             ("no locks on the file system", without_locks, True)]
    told = []
    for name, test, possible in rows:
        if not possible:
            told.append([name, "skipped: not root", ""])
            continue
        try:
            words, good = test(bench)
        except (subprocess.SubprocessError, OSError) as error:
            words, good = f"could not be tried: {error}", False
            bench.check(False, f"{name}: {error}")
        told.append([name, words, "holds" if good else "DOES NOT HOLD"])
    print("Bad weather:\n")
    table(["what", "what was seen", ""], told)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--damages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="damage,kills,weather")
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tonne-endurance-", dir=arguments.folder)
    try:
        bench = Bench(arguments.program, folder, arguments.seed)
        chosen = arguments.only.split(",")
        if "damage" in chosen:
            test_damage(bench, arguments.damages)
        if "kills" in chosen:
            test_kills(bench, arguments.kills)
        if "weather" in chosen:
            test_weather(bench)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for failure in bench.failures[:40]:
        print(failure, file=sys.stderr)
    print(f"{len(bench.failures)} failures", file=sys.stderr)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
