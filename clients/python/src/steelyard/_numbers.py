"""Mantissas to doubles."""
from __future__ import annotations

import numpy as np

# Exactly what the literals are; 10.0 ** n need not be.
_POWERS = np.array([float(f"1e{n}") for n in range(40)])


def to_float(mantissa: int, exponent: int) -> float:
    """mantissa * 10^exponent; the nearest double as long as the mantissa has at most 53 bits."""
    power = float(_POWERS[min(abs(exponent), 39)])
    return mantissa / power if exponent < 0 else mantissa * power


def to_floats(mantissas: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """The same for arrays."""
    exponents = np.asarray(exponents).astype(np.int64)
    power = _POWERS[np.minimum(np.abs(exponents), 39)]
    values = np.asarray(mantissas).astype(np.float64)
    return np.where(exponents < 0, values / power, values * power)
