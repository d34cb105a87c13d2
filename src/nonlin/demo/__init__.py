"""The demonstration: the story of activation functions, measured on bundled data and told on one page."""

from nonlin.demo.story import CHAPTERS, Watcher, run

__all__ = ["CHAPTERS", "Watcher", "run"]
