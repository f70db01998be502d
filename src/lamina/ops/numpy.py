"""NumPy's functions on arrays, variables and symbolic tensors: most of `keras.ops`.

They are JAX's own, made part of a graph where a symbolic tensor comes in.
"""

from typing import Any

import jax.numpy as jnp

from lamina.core.operation import operation

_NAMES = """
    abs absolute add all any append arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
    argpartition argsort array average bartlett bincount bitwise_and bitwise_invert bitwise_left_shift
    bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman broadcast_to ceil clip concatenate conj
    conjugate copy corrcoef correlate cos cosh count_nonzero cross cumprod cumsum deg2rad diag diagflat
    diagonal diff digitize divide divmod dot einsum empty equal exp exp2 expand_dims expm1 eye flip floor
    floor_divide full full_like gcd greater greater_equal hamming hanning heaviside histogram hstack hypot
    identity imag inner interp isclose isfinite isinf isnan kaiser kron lcm ldexp less less_equal linspace log
    log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logspace matmul max
    maximum mean median meshgrid min minimum mod moveaxis multiply nan_to_num nanmax nanmean nanmin nansum
    ndim negative nonzero not_equal ones ones_like outer pad power prod ptp quantile ravel real reciprocal
    repeat reshape right_shift left_shift roll rot90 round searchsorted select sign signbit sin sinc sinh size
    sort split sqrt square squeeze stack std subtract sum swapaxes take take_along_axis tan tanh tensordot tile
    trace transpose tri tril triu true_divide trunc unravel_index var vdot vstack where zeros zeros_like
""".split()

__all__ = list(_NAMES)

for _name in _NAMES:
    globals()[_name] = operation(getattr(jnp, _name))


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
