"""The maths language: nodes, derivative rules, formulas as text, and the oracle."""
