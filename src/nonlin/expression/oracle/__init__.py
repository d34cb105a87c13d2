"""The oracle: values and derivatives of an expression, enclosed by interval arithmetic and certified to 40 digits.

It shares nothing with the fast paths: neither the symbolic derivative rules nor NumPy. It never falls
back and never guesses: what cannot be certified raises `OracleError`, and NaN means that the function has no real
value there. Results below 2^−1200 or above 2^1200 in magnitude, beyond every floating-point format, may be
returned as 0 or ±inf.
"""

from nonlin.expression.oracle.evaluate import COVERED as COVERED
from nonlin.expression.oracle.query import CONTEXT as CONTEXT
from nonlin.expression.oracle.query import KinkError as KinkError
from nonlin.expression.oracle.query import OracleError as OracleError
from nonlin.expression.oracle.query import derivative as derivative
from nonlin.expression.oracle.query import enclose as enclose
from nonlin.expression.oracle.query import one_sided as one_sided
from nonlin.expression.oracle.query import row_derivative as row_derivative
from nonlin.expression.oracle.query import row_value as row_value
from nonlin.expression.oracle.query import value as value
from nonlin.expression.oracle.rounding import FORMATS as FORMATS
from nonlin.expression.oracle.rounding import ulp_error as ulp_error
from nonlin.expression.oracle.rounding import values as values
