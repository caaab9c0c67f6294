#!/usr/bin/env python3
"""Holds every #include to the module table of CMakeLists.txt: arrows go one way, never back.

usage: check_includes.py ROOT
"""
import pathlib
import re
import sys

# A module may include these single headers of a module that it does not otherwise depend on as a whole.
ONLY = {("net", "venues"): {"venue.hpp"},
        ("signals", "book"): {"order_book.hpp", "book_view.hpp"}}
CLIENT_MAY = re.compile(r"^(steelyard/|[a-z_]+$|sys/|time\.h|fcntl\.h|unistd\.h)")


def module_table(root):
    text = (root / "CMakeLists.txt").read_text()
    table = {}
    for call in re.findall(r"^steelyard_module\(([^)]*)\)", text, re.M):
        words = call.split()
        deps, reading = [], False
        for word in words[1:]:
            if word in ("DEPS", "LIBS"):
                reading = word == "DEPS"
            elif word != "HOT" and reading:
                deps.append(word)
        table[words[0]] = deps
    return table


def check(root):
    table = module_table(root)
    concrete = {p.stem for p in (root / "src/venues").glob("*.hpp")
                if re.search(r"extern const Venue", p.read_text())}
    faults = []
    for path in sorted([*root.glob("src/**/*.[ch]pp"), *root.glob("include/**/*.hpp")]):
        relative = path.relative_to(root)
        module = relative.parts[1] if relative.parts[0] == "src" else "include"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if not found:
                continue
            target = found.group(1)
            where = f"{relative}:{number}: {target}"
            if module == "include":
                if not CLIENT_MAY.match(target):
                    faults.append(f"{where}: include/steelyard knows the standard library only")
                continue
            other = target.split("/")[0]
            if other not in table or other == module:
                continue
            if other not in table[module]:
                faults.append(f"{where}: {module} must not know {other}")
                continue
            name = target.split("/", 1)[1]
            allowed = ONLY.get((module, other))
            if allowed is not None and name not in allowed:
                faults.append(f"{where}: {module} may include only {', '.join(sorted(allowed))}")
            if other == "venues" and pathlib.Path(name).stem in concrete:
                faults.append(f"{where}: only the registry names a venue")
    return faults


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "includes follow the arrows")
    sys.exit(1 if found else 0)
