"""Writes a C++ source that holds text files as string constants: embed.py OUTPUT NAME=FILE…"""

import pathlib
import re
import sys

DELIMITER = "milo_perf"


def constant(name: str, path: str) -> str:
    text = pathlib.Path(path).read_text(encoding="utf-8")
    # What would end the script or style element, and what the HTML parser or C++ would change (its hash
    # would then not match).
    for forbidden in ("</script", "</style", "<!--", "\r", "\0", f"){DELIMITER}\""):
        if forbidden in text.lower():
            sys.exit(f"{path} holds {forbidden!r}, which cannot be embedded in a page")
    return f'std::string_view {name}() {{\n    return R"{DELIMITER}({text}){DELIMITER}";\n}}\n'


def main() -> None:
    output, *entries = sys.argv[1:]
    parts = ['#include "report/assets.hpp"\n\nnamespace milo_perf::report::assets {\n']
    for entry in entries:
        name, path = entry.split("=", 1)
        if not re.fullmatch(r"[a-z_]+", name):
            sys.exit(f"{name} is no name for a function")
        parts.append(constant(name, path))
    parts.append("}  // namespace milo_perf::report::assets\n")
    pathlib.Path(output).write_text("\n".join(parts), encoding="utf-8")


main()
