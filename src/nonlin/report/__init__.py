"""Records in, one HTML file out: it opens offline by double click, figures inline, each with its table.

Works from JSON-like records alone; nothing here knows torch or where the records came from.
"""

from nonlin.report.render import prepare, render, to_html

__all__ = ["prepare", "render", "to_html"]
