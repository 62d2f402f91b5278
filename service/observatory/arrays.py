"""What the survey's columns are made of: NumPy arrays, one value a rock."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers; what is missing is NaN."""
Codes = NDArray[np.int32]
"""Places among names; -1 is none."""
Seconds = NDArray[np.int64]
"""Instants, in seconds since 1970."""
Mask = NDArray[np.bool_]
