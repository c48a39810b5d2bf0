"""A notebook as Markdown with its output, without Jupyter. `python3 tests/python/notebook.py NOTEBOOK.ipynb` writes the .md beside it."""
import contextlib
import io
import json
import pathlib
import re
import sys

NOTE = "<!-- Made from {} by tests/python/notebook.py. -->\n"


def executed(path):
    """(source of the cell, its output, whether that rests on measurements) of each cell; a text has no output (None)."""
    names = {}
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            yield source, None, False
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, path.name, "exec"), names)
        yield source, printed.getvalue(), "measured" in cell["metadata"].get("tags", [])


def markdown(path):
    """The page. Output that rests on measurements (cells tagged "measured") stands in blocks of their own kind."""
    page = NOTE.format(path.name)
    for source, output, measured in executed(path):
        if output is None:
            page += "\n" + source + "\n"
            continue
        page += f"\n```python\n{source}\n```\n"
        if output:
            page += f"\n```text{' measured' if measured else ''}\n{output}```\n"
    return page


def comparable(page):
    """What two runs of a notebook have in common: the page, without the figures and choices that rest on measured times."""

    def hide(block):
        return re.sub(r"'(relu|tanh)'|\d+(\.\d+)?(e-?\d+)?", "#", block.group())

    return re.sub(r"^```text measured\n.*?^```", hide, page, flags=re.M | re.S)


if __name__ == "__main__":
    notebook = pathlib.Path(sys.argv[1])
    notebook.with_suffix(".md").write_text(markdown(notebook))
