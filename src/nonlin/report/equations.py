"""Equations of the text, in MathML, by name. Written out here: they speak of layers, not of activations."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup


def _i(text: str) -> str:
    return f"<mi>{text}</mi>"


def _o(text: str) -> str:
    return f"<mo>{text}</mo>"


def _sub(base: str, index: str) -> str:
    return f"<msub><mi>{base}</mi><mi>{index}</mi></msub>"


def _sup(base: str, power: str) -> str:
    return f"<msup>{base}<mn>{power}</mn></msup>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _fence(*parts: str) -> str:
    return _row('<mo fence="true">(</mo>', *parts, '<mo fence="true">)</mo>')


def _block(*parts: str) -> Markup:
    return Markup(f'<math display="block">{_row(*parts)}</math>')


_W1, _W2, _B1, _B2 = _sub("W", "1"), _sub("W", "2"), _sub("b", "1"), _sub("b", "2")
_SLOPE = _sup(_row("<mi>f</mi>", '<mo lspace="0" rspace="0">′</mo>', _fence(_i("z"))), "2")

EQUATIONS: Mapping[str, Markup] = {
    # W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2)
    "collapse": _block(
        _W2, _fence(_W1, _i("x"), _o("+"), _B1), _o("+"), _B2, _o("="),
        _fence(_W2, _W1), _i("x"), _o("+"), _fence(_W2, _B1, _o("+"), _B2),
    ),
    # χ = gain² E[f′(z)²]
    "factor": _block(
        _i("χ"), _o("="), _sup("<mtext>gain</mtext>", "2"), _o("·"), _i("E"), _fence(_SLOPE),
    ),
}  # fmt: skip
