"""docs/disagreements.md is what the catalogue gives, and shows what is known from the libraries themselves."""

from __future__ import annotations

from benchmarks import disagreements as page


def test_the_committed_page_is_fresh() -> None:
    assert page.PATH.read_text(encoding="utf-8") == page.document(), "run: python -m benchmarks.disagreements"


def test_the_known_disagreements_are_found() -> None:
    found = page.disagreements()
    sizes = {name: [page.largest_difference(m[0], other)[0] for other in m[1:]] for name, m in found.items()}
    assert len(found) >= 8
    every = [size for of_name in sizes.values() for size in of_name]
    assert any(abs(size - 4.73e-4) < 1e-5 for size in every)  # the two forms of one bell-gated line
    assert any(abs(size - 2.06e-9) < 1e-10 for size in every)  # a threshold at 20: log1p(e⁻²⁰)
    assert all(max(of_name) > 0 for of_name in sizes.values())
    assert [name for name, meanings in found.items() if len(meanings) == 3]


def test_a_planted_disagreement_changes_the_page() -> None:
    meanings = next(iter(page.disagreements().values()))
    planted = page.Meaning(meanings[0].definition, meanings[0].values, 2 * meanings[0].formula, ("elsewhere",))
    assert page.largest_difference(meanings[0], planted)[0] > 1
