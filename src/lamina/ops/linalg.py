"""`keras.ops.linalg`: factors, inverses and eigenvalues of matrices, or of stacks of them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.core.engine import is_traced
from lamina.core.errors import ArgumentError, ShapeError
from lamina.core.operation import operation
from lamina.core.validate import one_of
from lamina.ops.arrays import Axes, as_axes, as_floats

__all__ = [
    *("cholesky", "cholesky_inverse", "det", "eig", "eigh", "inv", "jvp", "lstsq", "lu_factor", "matrix_rank"),
    *("norm", "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd"),
]


def _matrices(name: str, x: Any, square: bool = False) -> jax.Array:
    """`x` as an array of matrices.

    Raises:
        ShapeError: if it is none, or has no square matrices where these are wanted.
    """
    x = as_floats(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        wanted = "square matrices" if square else "matrices"
        raise ShapeError(f"{name} takes {wanted} (..., rows, columns), but got an array of shape {x.shape}.")
    return x


@operation
def cholesky(x: Any, upper: bool = False) -> jax.Array:
    """The triangular matrix that, times its transpose, is the positive definite matrix `x`.

    Args:
        x: `(..., n, n)`.
        upper: whether its upper triangle is wanted, and not the lower.

    Returns:
        An array like `x`.

    Raises:
        ArgumentError: for a matrix that is not positive definite, unless in a program.

    Example:
        >>> cholesky([[4.0, 2.0], [2.0, 2.0]])
        Array([[2., 0.],
               [1., 1.]], dtype=float32)
    """
    factor = jnp.linalg.cholesky(_matrices("cholesky", x, square=True), upper=upper)
    if not is_traced(factor) and bool(jnp.isnan(factor).any()):
        raise ArgumentError("cholesky takes positive definite matrices, but got one that is not.")
    return factor


@operation
def cholesky_inverse(x: Any, upper: bool = False) -> jax.Array:
    """The inverse of the matrix whose Cholesky factor is `x`.

    Args:
        x: `(n, n)`, triangular.
        upper: whether it is an upper triangle.

    Returns:
        An array like `x`.

    Example:
        >>> cholesky_inverse([[2.0, 0.0], [0.0, 1.0]])
        Array([[0.25, 0.  ],
               [0.  , 1.  ]], dtype=float32)
    """
    x = _matrices("cholesky_inverse", x, square=True)
    inverse = solve_triangular(x, jnp.eye(x.shape[-1], dtype=x.dtype), lower=not upper)
    return inverse @ inverse.T if upper else inverse.T @ inverse


@operation
def det(x: Any) -> jax.Array:
    """The determinant.

    Example:
        >>> float(det([[2.0, 0.0], [0.0, 3.0]]))
        6.0
    """
    return jnp.linalg.det(_matrices("det", x, square=True))


@operation
def slogdet(x: Any) -> tuple[jax.Array, jax.Array]:
    """The sign of the determinant, and the logarithm of its absolute value.

    Example:
        >>> [round(float(part), 4) for part in slogdet([[-2.0, 0.0], [0.0, 3.0]])]
        [-1.0, 1.7918]
    """
    sign, logarithm = jnp.linalg.slogdet(_matrices("slogdet", x, square=True))
    return sign, logarithm


@operation
def eig(x: Any) -> tuple[jax.Array, jax.Array]:
    """Eigenvalues and, as columns, eigenvectors; on CPU only.

    Example:
        >>> values, vectors = eig([[2.0, 0.0], [0.0, 3.0]])
        >>> values.real
        Array([2., 3.], dtype=float32)
    """
    values, vectors = jnp.linalg.eig(_matrices("eig", x, square=True))
    return values, vectors


@operation
def eigh(x: Any) -> tuple[jax.Array, jax.Array]:
    """Eigenvalues, ascending, and, as columns, eigenvectors of symmetric matrices.

    Example:
        >>> values, vectors = eigh([[3.0, 0.0], [0.0, 2.0]])
        >>> values
        Array([2., 3.], dtype=float32)
    """
    values, vectors = jnp.linalg.eigh(_matrices("eigh", x, square=True))
    return values, vectors


@operation
def inv(x: Any) -> jax.Array:
    """The inverse.

    Example:
        >>> inv([[2.0, 0.0], [0.0, 4.0]])
        Array([[0.5 , 0.  ],
               [0.  , 0.25]], dtype=float32)
    """
    return jnp.linalg.inv(_matrices("inv", x, square=True))


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The value of a function, and how it changes in one direction.

    Args:
        fun: a function of arrays.
        primals: its arguments, in a tuple or list.
        tangents: the direction, of the same structure.
        has_aux: whether `fun` returns a pair, whose second part is handed on as it is.

    Returns:
        The pair of value and change, with the second part behind them if there is one.

    Example:
        >>> [float(part) for part in jvp(lambda x: x * x, (3.0,), (1.0,))]
        [9.0, 6.0]
    """
    return jax.jvp(fun, primals, tangents, has_aux=has_aux)


@operation
def lstsq(a: Any, b: Any, rcond: float | None = None) -> jax.Array:
    """The `x` for which `a @ x` is nearest to `b`.

    Args:
        a: `(rows, columns)`.
        b: `(rows,)` or `(rows, k)`.
        rcond: singular values below this share of the largest count as zero.

    Returns:
        `(columns,)` or `(columns, k)`.

    Example:
        >>> lstsq([[1.0], [1.0]], [1.0, 3.0]).round(4)
        Array([2.], dtype=float32)
    """
    return jnp.linalg.lstsq(_matrices("lstsq", a), as_floats(b), rcond=rcond)[0]


@operation
def lu_factor(x: Any) -> tuple[jax.Array, jax.Array]:
    """Lower and upper triangle in one matrix, and the exchanges of rows, of an LU decomposition.

    Example:
        >>> factors, pivots = lu_factor([[1.0, 2.0], [2.0, 2.0]])
        >>> factors, pivots
        (Array([[2. , 2. ],
               [0.5, 1. ]], dtype=float32), Array([1, 1], dtype=int32))
    """
    from jax.scipy.linalg import lu_factor as factor  # takes a while to import, and few ask for it

    factors, pivots = factor(_matrices("lu_factor", x))
    return factors, pivots


@operation
def matrix_rank(x: Any, tol: float | None = None) -> jax.Array:
    """The number of singular values that are not zero.

    Args:
        x: `(..., rows, columns)`.
        tol: what counts as zero.

    Returns:
        int32 `(...)`.

    Example:
        >>> int(matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
        1
    """
    return jnp.linalg.matrix_rank(_matrices("matrix_rank", x), tol=tol).astype("int32")


@operation
def norm(x: Any, ord: int | float | str | None = None, axis: Axes = None, keepdims: bool = False) -> jax.Array:
    """The norm of vectors or matrices.

    Args:
        x: an array.
        ord: which norm; the root of the sum of squares when left out.
        axis: of the vectors, or the two of the matrices; all axes when left out.
        keepdims: whether to keep these axes with a size of 1.

    Returns:
        The norms, floats for integers too.

    Example:
        >>> float(norm([3, 4]))
        5.0
    """
    return jnp.linalg.norm(as_floats(x), ord, as_axes(axis), keepdims)  # type: ignore[arg-type]


@operation
def pinv(x: Any, rcond: float | None = None) -> jax.Array:
    """The pseudo-inverse: of matrices that are not square, or have no inverse.

    Args:
        x: `(..., rows, columns)`.
        rcond: singular values below this share of the largest count as zero.

    Returns:
        `(..., columns, rows)`.

    Example:
        >>> pinv([[2.0], [0.0]])
        Array([[0.5, 0. ]], dtype=float32)
    """
    return jnp.linalg.pinv(_matrices("pinv", x), rcond)


@operation
def qr(x: Any, mode: str = "reduced") -> tuple[jax.Array, jax.Array]:
    """A matrix with orthonormal columns and an upper triangle, whose product is `x`.

    Args:
        x: `(..., rows, columns)`.
        mode: `"reduced"`, or `"complete"` for a square first matrix.

    Returns:
        The two factors.

    Example:
        >>> q, r = qr([[2.0, 0.0], [0.0, 3.0]])
        >>> bool(jnp.allclose(q @ r, jnp.array([[2.0, 0.0], [0.0, 3.0]])))
        True
    """
    q, r = jnp.linalg.qr(_matrices("qr", x), one_of("qr", "mode", mode, ("reduced", "complete")))
    return q, r


@operation
def solve(a: Any, b: Any) -> jax.Array:
    """The `x` for which `a @ x` is `b`.

    Args:
        a: `(..., n, n)`.
        b: `(n,)` or `(..., n, k)`.

    Returns:
        An array like `b`.

    Example:
        >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0])
        Array([1. , 0.5], dtype=float32)
    """
    return jnp.linalg.solve(_matrices("solve", a, square=True), as_floats(b))


@operation
def solve_triangular(a: Any, b: Any, lower: bool = False) -> jax.Array:
    """The `x` for which `a @ x` is `b`, where `a` is a triangle.

    Args:
        a: `(..., n, n)`; the other triangle is not looked at.
        b: `(..., n)` or `(..., n, k)`.
        lower: whether `a` is a lower triangle.

    Returns:
        An array like `b`.

    Example:
        >>> solve_triangular([[2.0, 0.0], [2.0, 4.0]], [2.0, 6.0], lower=True)
        Array([1., 1.], dtype=float32)
    """
    from jax.scipy.linalg import solve_triangular as solved  # takes a while to import, and few ask for it

    return solved(_matrices("solve_triangular", a, square=True), as_floats(b), lower=lower)


@operation
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Orthonormal columns, singular values and orthonormal rows, whose product is `x`.

    Args:
        x: `(..., rows, columns)`.
        full_matrices: whether the first and last are square.
        compute_uv: whether they are wanted, beside the singular values.

    Returns:
        The three, or the singular values alone.

    Example:
        >>> svd([[3.0, 0.0], [0.0, 2.0]], compute_uv=False)
        Array([3., 2.], dtype=float32)
    """
    found = jnp.linalg.svd(_matrices("svd", x), full_matrices, compute_uv)
    return tuple(found) if compute_uv else found
