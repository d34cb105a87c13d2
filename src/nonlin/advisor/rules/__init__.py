"""The advisor's rules, as data: `articles` holds the articles' advice, `evidence` what results add or correct."""

from nonlin.advisor.rule import Rule
from nonlin.advisor.rules.articles import ARTICLE_RULES
from nonlin.advisor.rules.contradictions import CONTRADICTIONS
from nonlin.advisor.rules.evidence import EVIDENCE_RULES
from nonlin.advisor.rules.initialisation import INITIALISATION_RULES
from nonlin.advisor.rules.outputs import OUTPUT_RULES

RULES: tuple[Rule, ...] = (*ARTICLE_RULES, *EVIDENCE_RULES, *OUTPUT_RULES, *INITIALISATION_RULES)

__all__ = ["CONTRADICTIONS", "RULES"]
