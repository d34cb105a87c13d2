"""Which activation to use, and why: rules from task and network to suggestions with reasons and sources."""

from nonlin.advisor.advice import Advice
from nonlin.advisor.answer import choose
from nonlin.advisor.records import AlsoAvoid, Avoid, Init, Loss, Reason, Suggestion

__all__ = ["Advice", "AlsoAvoid", "Avoid", "Init", "Loss", "Reason", "Suggestion", "choose"]
