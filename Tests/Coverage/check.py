"""Holds the coverage of the files in files.txt: 95 % of their lines together, and no uncovered line in a function that
uncovered.txt does not name.

    check.py LCOV
"""

import bisect
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

LEAST_PERCENT = 95
HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def entries(name):
    """The lines of a list, without its remarks."""
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def held_files():
    """The files that files.txt names."""
    files = []
    for entry in entries("files.txt"):
        path = ROOT / entry
        found = sorted(path.glob("*.swift")) if path.is_dir() else [path]
        if not found or not found[0].exists():
            sys.exit(f"files.txt: there is no {entry}")
        files += [str(file.relative_to(ROOT)) for file in found]
    return files


def excused():
    """Uncovered lines that uncovered.txt allows, by file and function: `FILE: FUNCTION: COUNT`, then the reason."""
    excuses = {}
    for line in entries("uncovered.txt"):
        if not line.startswith(" "):
            file, function, count = line.rsplit(": ", 2)
            excuses[file, function] = int(count)
    return excuses


class File:
    """What the report says of one file."""

    def __init__(self):
        self.functions = {}  # first line: mangled name
        self.counts = {}  # line: executions

    def uncovered(self):
        return sorted(line for line, count in self.counts.items() if count == 0)

    def function(self, line):
        """The mangled name of the function that a line is in."""
        starts = sorted(self.functions)
        return self.functions[starts[bisect.bisect_right(starts, line) - 1]]


def read(report):
    """The files of a report."""
    files = defaultdict(File)
    for line in Path(report).read_text().splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            path = Path(value)
            file = files[str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else value]
        elif key == "FN":
            start, name = value.split(",", 1)
            file.functions[int(start)] = name
        elif key == "DA":
            number, count = value.split(",")[:2]
            file.counts[int(number)] = int(count)
    return files


def readable(names):
    """Functions by their mangled names; what lies in a function counts as its part."""
    names = sorted(set(names))
    # Functions that are private to a file are listed behind its name.
    mangled = [name.rpartition(":")[2] for name in names]
    output = subprocess.run(
        ["swift", "demangle", "--simplified", "--compact"], input="\n".join(mangled), capture_output=True, text=True,
        check=True)
    return {name: line.split(" in ")[-1] for name, line in zip(names, output.stdout.splitlines())}


def main():
    report = read(sys.argv[1])
    files = held_files()
    names = readable(report[file].function(line) for file in files for line in report[file].uncovered())
    found = defaultdict(list)
    total = covered = 0
    print("covered  lines  file")
    for file in files:
        counts = report[file].counts
        missing = report[file].uncovered()
        for line in missing:
            found[file, names[report[file].function(line)]].append(line)
        total += len(counts)
        covered += len(counts) - len(missing)
        if counts:
            print(f"{100 * (1 - len(missing) / len(counts)):6.1f}%  {len(counts):5}  {file}")
    percent = 100 * covered / total
    print(f"{percent:6.1f}%  {total:5}  together")
    failures = []
    if percent < LEAST_PERCENT:
        failures.append(f"less than {LEAST_PERCENT} % of the lines are covered")
    excuses = excused()
    for (file, function), lines in sorted(found.items()):
        if len(lines) > excuses.get((file, function), 0):
            failures.append(f"{file}: {function}: {len(lines)}: uncovered: {', '.join(map(str, lines))}")
    for file, function in sorted(excuses.keys() - found.keys()):
        failures.append(f"{file}: {function}: is covered or gone: take it off the list")
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
