"""What follows from a definition: range, slopes, kinks, tails, moments, init gain, gradient flow by depth."""

from nonlin.facts.depth import (
    DepthProfile,
    correlation_map,
    dead_share,
    gradient_factor,
    gradient_profile,
    length_map,
)
from nonlin.facts.derive import facts_of, row_facts_of
from nonlin.facts.interval import Interval
from nonlin.facts.local import Jump, Kink
from nonlin.facts.moments import FixedPoint, fixed_point, gaussian_moments, moment_jacobian, moment_map
from nonlin.facts.record import Facts
from nonlin.facts.rows import RowFacts
from nonlin.facts.tails import Asymptote

__all__ = [
    "Asymptote",
    "DepthProfile",
    "Facts",
    "FixedPoint",
    "Interval",
    "Jump",
    "Kink",
    "RowFacts",
    "correlation_map",
    "dead_share",
    "facts_of",
    "fixed_point",
    "gaussian_moments",
    "gradient_factor",
    "gradient_profile",
    "length_map",
    "moment_jacobian",
    "moment_map",
    "row_facts_of",
]
