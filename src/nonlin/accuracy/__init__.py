"""How exact a function is: its errors at sampled points, and where it has no finite value."""

from nonlin.accuracy.faults import Fault as Fault
from nonlin.accuracy.faults import faults as faults
from nonlin.accuracy.measure import measure as measure
from nonlin.accuracy.record import Accuracy as Accuracy
from nonlin.accuracy.record import WorstError as WorstError
