#!/usr/bin/env python3
"""Turns the HTML report's template, styles and scripts into one C source file.

The template names places: {{style}}, {{script}} and {{csp}} are filled here, every other {{name}}
becomes HTML_SLOT_NAME, which the program fills when it writes a report. Styles and scripts are joined
in the order given, the scripts inside one function. The Content-Security-Policy admits exactly the
style and the script that are embedded, by their SHA-256.

usage: embed.py OUTPUT.c TEMPLATE.html STYLE.css... SCRIPT.js...
"""

import base64
import hashlib
import re
import sys

SLOT = re.compile(r"\{\{([a-z_]+)\}\}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def joined(paths, ending):
    return "\n\n".join(read(path).strip() for path in paths if path.endswith(ending)) + "\n"


def join_styles(paths):
    return "\n" + joined(paths, ".css")


def join_scripts(paths):
    body = joined(paths, ".js")
    return "\n(function () {\n'use strict';\n\n" + body + "})();\n"


def refuse(text, patterns, what):
    """Text inside <style> and <script> ends at these, wherever they stand."""
    for pattern in patterns:
        if pattern in text.lower():
            sys.exit(f"embed.py: {what} contains {pattern!r}")


def source_hash(text):
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "'sha256-" + base64.b64encode(digest).decode("ascii") + "'"


def policy(style, script):
    return (
        f"default-src 'none'; style-src {source_hash(style)}; script-src {source_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def fill(template, style, script):
    refuse(style, ["</style", "<!--"], "the style")
    refuse(script, ["</script", "<script", "<!--"], "the script")
    fixed = {"style": style, "script": script, "csp": policy(style, script)}
    return SLOT.sub(lambda match: fixed.get(match.group(1), match.group(0)), template)


def segments(page):
    """Yields (text, slot or None): the slot follows the text."""
    parts = SLOT.split(page)
    for i in range(0, len(parts), 2):
        yield parts[i], parts[i + 1] if i + 1 < len(parts) else None


def c_bytes(data):
    lines = []
    for start in range(0, len(data), 24):
        lines.append("    " + ",".join(str(byte) for byte in data[start : start + 24]) + ",")
    return "\n".join(lines)


def c_source(page):
    data = b""
    rows = []
    for text, slot in segments(page):
        encoded = text.encode("utf-8")
        name = "HTML_SLOT_" + slot.upper() if slot else "HTML_SLOT_END"
        rows.append(f"    {{{len(data)}, {len(encoded)}, {name}}},")
        data += encoded
    return (
        "/* Made by scripts/embed.py; not to be edited. */\n"
        '#include "analyzer/reports/html_page.h"\n\n'
        "const unsigned char html_page_bytes[] = {\n" + c_bytes(data) + "\n};\n\n"
        "const struct html_segment html_page_segments[] = {\n" + "\n".join(rows) + "\n};\n\n"
        "const size_t html_page_segment_count =\n"
        "    sizeof html_page_segments / sizeof html_page_segments[0];\n"
    )


def main(arguments):
    if len(arguments) < 4:
        sys.exit(__doc__.rsplit("\n\n", 1)[1].strip())
    output, template = arguments[:2]
    page = fill(read(template), join_styles(arguments[2:]), join_scripts(arguments[2:]))
    with open(output, "w", encoding="ascii") as file:
        file.write(c_source(page))


if __name__ == "__main__":
    main(sys.argv[1:])
