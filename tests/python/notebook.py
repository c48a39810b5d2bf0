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


def markdown(path, hide_measured=False):
    """The page; with `hide_measured`, as two runs of it have in common: numbers and names that rest on measured times are '#'."""
    page = NOTE.format(path.name)
    for source, output, measured in executed(path):
        if output is None:
            page += "\n" + source + "\n"
            continue
        page += f"\n```python\n{source}\n```\n"
        if output:
            page += f"\n```text\n{without_figures(output) if measured and hide_measured else output}```\n"
    return page


def without_figures(text):
    text = re.sub(r"'(relu|tanh)'", "#", text)
    return re.sub(r"\d+(\.\d+)?(e-?\d+)?", "#", text)


if __name__ == "__main__":
    notebook = pathlib.Path(sys.argv[1])
    notebook.with_suffix(".md").write_text(markdown(notebook))
