#!/usr/bin/python3
"""Draws the pictures of the documentation: docs/images/sources/NAME.yaml becomes docs/images/NAME.svg and NAME-dark.svg.

A source has a title, a size, and in pixels from the top left its boxes and arrows. One with a `catalog`, such as CanoCore, is drawn for its articles too.

    boxes:  NAME: {at: [x, y], size: [width, height], kind: program, title: In bold, text: "below it, in lines"}
    arrows: - {from: NAME.right, to: NAME.left, text: on it, kind: dashed, bend: 20}

`kind` of a box is one of KINDS. An arrow leaves a side of a box (`right`, or `right+12` for a place off its middle) and goes to another, with
corners where it has to; `bend` moves its middle part aside, and `at` its text. What stands in backticks is set as code.
"""
import re
from html import escape
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "images"
SANS = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
SIZE, SMALL, LINE = 14, 12, 17

# Fill and edge of each kind of box, by theme. Words have the colour `ink`, what stands beside arrows `faint`.
KINDS = {
    "light": {
        "program": ("#ffffff", "#8c959f"), "bridge": ("#ddf4ff", "#0969da"), "redis": ("#fff1e5", "#bc4c00"), "stream": ("#ffffff", "#bc4c00"),
        "state": ("#ffffff", "#0969da"), "wait": ("#fff8c5", "#9a6700"), "good": ("#dafbe1", "#1a7f37"), "bad": ("#ffebe9", "#cf222e"),
        "frame": ("none", "#8c959f"), "note": ("none", "none"),
    },
    "dark": {
        "program": ("#161b22", "#8b949e"), "bridge": ("#0d2747", "#58a6ff"), "redis": ("#251407", "#db6d28"), "stream": ("#161b22", "#db6d28"),
        "state": ("#161b22", "#58a6ff"), "wait": ("#2e2209", "#d29922"), "good": ("#0f2e1a", "#3fb950"), "bad": ("#3d1114", "#f85149"),
        "frame": ("none", "#6e7681"), "note": ("none", "none"),
    },
}
PAPER = {"light": "#ffffff", "dark": "#0d1117"}
INK = {"light": "#1f2328", "dark": "#e6edf3"}
FAINT = {"light": "#57606a", "dark": "#9da7b3"}
OUT = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}


def spans(line):
    """Text as it is set, code in another font."""
    parts = re.split(r"`([^`]*)`", line)
    return "".join(f'<tspan class="code">{escape(part)}</tspan>' if odd % 2 else escape(part) for odd, part in enumerate(parts))


def width(line, size):
    """About how wide a line is: wide enough for the fonts that readers have."""
    code = sum(map(len, re.findall(r"`([^`]*)`", line)))
    return size * (0.62 * code + 0.54 * (len(line.replace("`", "")) - code))


def text(x, y, lines, style="", anchor="middle"):
    rows = "".join(f'<tspan x="{x:g}" y="{y + LINE * row:g}">{spans(line)}</tspan>' for row, line in enumerate(lines))
    return f'<text text-anchor="{anchor}"{style}>{rows}</text>'


def box(name, given, theme):
    (x, y), (across, down), kind = given["at"], given["size"], given.get("kind", "program")
    fill, edge = KINDS[theme][kind]
    dashes = ' stroke-dasharray="5 4"' if kind == "frame" else ""
    round_ = min(across, down) / 2 if given.get("round") else 8
    drawn = [f'<rect x="{x:g}" y="{y:g}" width="{across:g}" height="{down:g}" rx="{round_:g}" fill="{fill}" stroke="{edge}" stroke-width="1.5"{dashes}/>']
    title, words = given.get("title", "").splitlines(), given.get("text", "").splitlines()
    for line, size in [*((line, SIZE) for line in title), *((line, SMALL) for line in words)]:
        assert width(line, size) <= across - 8, f"{name} is too narrow for {line!r}"
    if kind == "frame":
        drawn.append(text(x + 12, y + 20, title, ' class="title"', "start"))
    else:
        top = y + (down - LINE * (len(title) + len(words))) / 2 + 13
        drawn.append(text(x + across / 2, top, title, ' class="title"'))
        drawn.append(text(x + across / 2, top + LINE * len(title) - 1, words, ' class="small"'))
    return drawn


def place(boxes, end):
    """Where an arrow touches a box, and in which direction it leaves it."""
    name, side, off = re.fullmatch(r"(\w+)\.(\w+)([+-]\d+)?", end).groups()
    (x, y), (across, down) = boxes[name]["at"], boxes[name]["size"]
    (dx, dy), off = OUT[side], int(off or 0)
    return (x + across / 2 + dx * across / 2 + off * abs(dy), y + down / 2 + dy * down / 2 + off * abs(dx)), (dx, dy)


def route(start, out, end, into, bend):
    """The corners from one box to another."""
    (x, y), (u, v) = start, end
    if out[0] and into[0]:
        if out == into:  # from one side and back to the same one
            middle = (max(x, u) if out[0] > 0 else min(x, u)) + out[0] * (bend or 30)
        else:
            middle = (x + u) / 2 + bend
        return [start, end] if y == v and not (bend and out == into) else [start, (middle, y), (middle, v), end]
    if out[1] and into[1]:
        if out == into:
            middle = (max(y, v) if out[1] > 0 else min(y, v)) + out[1] * (bend or 30)
        else:
            middle = (y + v) / 2 + bend
        return [start, end] if x == u and not (bend and out == into) else [start, (x, middle), (u, middle), end]
    return [start, (u, y), end] if out[0] else [start, (x, v), end]


def rounded(points):
    """A path whose corners are round."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:]):
        near = []
        for other in (before, after):
            far = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
            share = min(8, far / 2) / far if far else 0
            near.append((corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share))
        path += f" L{near[0][0]:g} {near[0][1]:g} Q{corner[0]:g} {corner[1]:g} {near[1][0]:g} {near[1][1]:g}"
    return path + f" L{points[-1][0]:g} {points[-1][1]:g}"


def arrow(boxes, given, theme):
    start, out = place(boxes, given["from"])
    end, into = place(boxes, given["to"])
    points = route(start, out, end, into, given.get("bend", 0))
    dashes = ' stroke-dasharray="5 4"' if given.get("kind") == "dashed" else ""
    tail = ' marker-start="url(#tail)"' if given.get("both") else ""
    drawn = [f'<path d="{rounded(points)}" fill="none" stroke="{FAINT[theme]}" stroke-width="1.5"{dashes} marker-end="url(#tip)"{tail}/>']
    words = given.get("text", "").splitlines()
    if words:
        # Beside the middle of its longest part.
        first, second = max(zip(points, points[1:]), key=lambda part: abs(part[0][0] - part[1][0]) + abs(part[0][1] - part[1][1]))
        x, y = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2
        level = first[1] == second[1]
        dx, dy = given.get("at", (0, 0))
        if level:
            drawn.append(text(x + dx, y + dy - 6 - LINE * (len(words) - 1), words, ' class="small beside"'))
        else:
            drawn.append(text(x + dx + 7, y + dy + 4 - LINE * (len(words) - 1) / 2, words, ' class="small beside"', "start"))
    return drawn


def picture(source, theme):
    """The picture as SVG."""
    given = yaml.safe_load(source)
    across, down = given["size"]
    ink, faint, paper = INK[theme], FAINT[theme], PAPER[theme]
    style = (f"text{{font:{SIZE}px {SANS};fill:{ink}}} .title{{font-weight:600}} .small{{font-size:{SMALL}px}} "
             f".beside{{fill:{faint};paint-order:stroke;stroke:{paper};stroke-width:4px}} .code{{font-family:{MONO}}}")
    tip = '<path d="M0 0L8 4L0 8z" fill="{}"/>'.format(faint)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across}" height="{down}" role="img">',
        f"<title>{escape(given['title'])}</title>",
        f"<style>{style}</style>",
        f'<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7.5" refY="4" orient="auto" markerUnits="userSpaceOnUse">{tip}</marker>',
        f'<marker id="tail" markerWidth="8" markerHeight="8" refX="7.5" refY="4" orient="auto-start-reverse" markerUnits="userSpaceOnUse">{tip}</marker></defs>',
        f'<rect width="{across}" height="{down}" fill="{paper}"/>',
    ]
    for name, one in given["boxes"].items():
        lines += box(name, one, theme)
    for one in given.get("arrows", []):
        lines += arrow(given["boxes"], one, theme)
    return "\n".join([*lines, "</svg>", ""])


def drawn():
    """Every picture there should be, by its file, as its source has it."""
    for source in sorted((IMAGES / "sources").glob("*.yaml")):
        catalog = yaml.safe_load(source.read_text()).get("catalog")
        for theme, suffix in (("light", ""), ("dark", "dark")):
            svg = picture(source.read_text(), theme)
            yield IMAGES / f"{source.stem}{suffix and '-'}{suffix}.svg", svg
            if catalog:  # DocC takes the one behind a tilde where the page is dark
                yield REPOSITORY / "Sources" / catalog / f"{catalog}.docc" / f"{source.stem}{suffix and '~'}{suffix}.svg", svg


if __name__ == "__main__":
    for file, svg in drawn():
        file.write_text(svg)
        print(file.relative_to(REPOSITORY))
