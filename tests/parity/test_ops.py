"""Operations give Keras's values and dtypes, and take its arguments: one row a case."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import ops
from lamina.core.symbolic import SymbolicTensor
from lamina.core.variable import Variable

keras = pytest.importorskip("keras")

draw = np.random.default_rng(3)
F = draw.normal(size=(3, 4)).astype("float32")
G = draw.normal(size=(3, 4)).astype("float32")
P = draw.uniform(0.1, 0.9, size=(3, 4)).astype("float32")  # probabilities
V = draw.normal(size=(5,)).astype("float32")
I = draw.integers(1, 9, size=(3, 4)).astype("int32")  # noqa: E741
J = draw.integers(1, 9, size=(3, 4)).astype("int32")
B = draw.integers(0, 2, size=(3, 4)).astype(bool)
C = (F + 1j * G).astype("complex64")
N = np.where(B, np.nan, F).astype("float32")
S = (F @ F.T + np.eye(3)).astype("float32")  # positive definite
M = draw.normal(size=(3, 3)).astype("float32")
T = draw.normal(size=(2, 3, 4)).astype("float32")
SIGNAL = draw.normal(size=(2, 32)).astype("float32")
IMAGES = draw.uniform(size=(2, 6, 8, 3)).astype("float32")
VOLUMES = draw.uniform(size=(2, 4, 5, 6, 2)).astype("float32")
SERIES = draw.uniform(size=(2, 9, 3)).astype("float32")
QUERY, KEY = draw.normal(size=(2, 2, 4, 2, 3)).astype("float32")
LOGITS = draw.normal(size=(2, 7, 4)).astype("float32")
LABELS = np.array([[1, 2, 2], [3, 1, 0]])

FLOAT_UNARY = """
    arccos arcsin arcsinh arctan arctanh ceil cos cosh exp exp2 expm1 floor log log10 log1p log2 sin sinc sinh sqrt
    tan tanh deg2rad rad2deg cbrt i0 reciprocal fabs
""".split()
UNARY = """
    abs absolute negative sign signbit square isfinite isinf isnan isneginf isposinf isreal trunc round
    logical_not conj conjugate real imag angle
""".split()
ACTIVATIONS = """
    celu elu gelu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax relu relu6
    selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish
    tanh_shrink glu erf erfc rsqrt normalize rms_normalization layer_normalization
""".split()
BINARY = """
    add subtract multiply divide true_divide divide_no_nan maximum minimum fmax fmin mod fmod floor_divide arctan2 hypot
    logaddexp logaddexp2 equal not_equal greater greater_equal less less_equal isclose allclose heaviside power
    logical_and logical_or logical_xor
""".split()
REDUCTIONS = """
    all any amax amin max min mean median prod ptp std sum var average count_nonzero argmax argmin
    nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar nanargmax nanargmin
""".split()

ROWS = [
    *((name, (P,), {}) for name in FLOAT_UNARY),
    *((name, (F,), {}) for name in (*UNARY, *ACTIVATIONS)),
    *((name, (np.abs(F), np.abs(G)), {}) for name in BINARY),
    *((name, (I, J), {}) for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm")),
    *((name, (I, 2), {}) for name in ("bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift")),
    *((name, (I,), {}) for name in ("bitwise_invert", "bitwise_not")),
    *((name, (F,), {}) for name in REDUCTIONS),
    *((name, (F,), {"axis": -1}) for name in REDUCTIONS),
    *((name, (N,), {"axis": 1, "keepdims": True}) for name in REDUCTIONS if name.startswith("nan")),
    *((name, (C,), {}) for name in ("real", "imag", "conj", "angle", "isreal", "view_as_real")),
    # Reductions and running totals
    ("sum", (T,), {"axis": (0, 2), "keepdims": True}),
    ("mean", (I,), {"axis": [0, 1]}),
    ("max", (F,), {"axis": 0, "initial": 0.5}),
    ("median", (F,), {"keepdims": True}),
    ("average", (F,), {"axis": 1, "weights": P}),
    ("average", (I,), {"axis": 0}),
    ("quantile", (F, 0.3), {"axis": 1}),
    ("quantile", (F, [0.3, 0.7]), {"method": "lower", "keepdims": True}),
    ("percentile", (F, 30.0), {"axis": 0}),
    ("nanquantile", (N, 0.3), {}),
    ("nanpercentile", (N, 30.0), {}),
    ("prod", (I,), {"axis": 1, "dtype": "float32"}),
    ("cumsum", (F,), {"axis": 1}),
    ("cumsum", (I,), {"dtype": "float32"}),
    ("cumprod", (F,), {"axis": 0}),
    ("nancumsum", (N,), {"axis": 0}),
    ("nancumprod", (N,), {"axis": 0}),
    ("diff", (F,), {"n": 2, "axis": 0}),
    ("corrcoef", (F,), {}),
    ("trapezoid", (F,), {"dx": 2.0, "axis": 0}),
    ("trapezoid", (F, np.sort(G)), {}),
    ("logsumexp", (F,), {"axis": 1, "keepdims": True}),
    ("moments", (T, [0, 1]), {"keepdims": True}),
    # Orders and counts
    ("argpartition", (V, 2), {}),
    ("argsort", (F,), {"axis": 0}),
    ("sort", (F,), {"axis": 0}),
    ("bincount", (np.array([0, 2, 2, 5]),), {"minlength": 8}),
    ("bincount", (np.array([[0, 2], [2, 1]]),), {"weights": np.array([[1.0, 2.0], [3.0, 4.0]])}),
    ("digitize", (F, np.array([-1.0, 0.0, 1.0])), {}),
    ("histogram", (V,), {"bins": 4, "range": (-1.0, 1.0)}),
    ("isin", (I, np.array([1, 2, 3])), {"invert": True}),
    ("nonzero", (B,), {}),
    ("searchsorted", (np.sort(V), F[0]), {"side": "right"}),
    ("unique", (np.array([3, 1, 3, 2]),), {"return_inverse": True, "return_counts": True, "return_index": True}),
    ("unique", (np.array([3, 1, 3, 2]),), {"size": 5, "fill_value": -1}),
    ("unravel_index", (np.array([5, 11]), (3, 4)), {}),
    ("top_k", (F, 2), {}),
    ("in_top_k", (np.array([0, 1, 3]), F, 2), {}),
    *((name, (F, np.array([0, 1, 0])), {"num_segments": 3}) for name in ("segment_sum", "segment_max")),
    *((name, (F, np.array([0, 1, 0])), {"num_segments": 3}) for name in ("segment_min", "segment_prod")),
    # Shapes
    ("append", (F, G), {}),
    ("append", (F, G), {"axis": 1}),
    ("array_split", (V, 2), {}),
    ("broadcast_to", (F, (2, 3, 4)), {}),
    ("concatenate", ([F, G],), {"axis": 1}),
    ("copy", (F,), {}),
    ("diag", (V,), {"k": 1}),
    ("diagflat", (F,), {}),
    ("diagonal", (T,), {"offset": 1, "axis1": 1, "axis2": 2}),
    ("dsplit", (T, 2), {}),
    ("dstack", ([F, G],), {}),
    ("expand_dims", (F, 1), {}),
    ("expand_dims", (F, (0, -1)), {}),
    ("flip", (F,), {"axis": 1}),
    ("fliplr", (F,), {}),
    ("flipud", (F,), {}),
    ("get_item", (F, (slice(None), 1)), {}),
    ("hsplit", (F, 2), {}),
    ("hstack", ([F, G],), {}),
    ("meshgrid", (V, V), {"indexing": "ij"}),
    ("moveaxis", (T, 0, -1), {}),
    ("ndim", (T,), {}),
    ("pad", (F, ((1, 0), (0, 2))), {"constant_values": 3.0}),
    ("pad", (F, 1), {"mode": "reflect"}),
    ("ravel", (F,), {}),
    ("repeat", (F, 2), {"axis": 1}),
    ("reshape", (F, (2, -1)), {}),
    ("roll", (F, 2), {"axis": 1}),
    ("rot90", (F,), {"k": 3}),
    ("select", ([F > 0, G > 0], [F, G]), {"default": 9.0}),
    ("shape", (T,), {}),
    ("size", (T,), {}),
    ("split", (F, [1, 3]), {"axis": 1}),
    ("squeeze", (F[None],), {"axis": 0}),
    ("stack", ([F, G],), {"axis": 1}),
    ("swapaxes", (T, 0, 2), {}),
    ("take", (F, np.array([2, 0])), {"axis": 1}),
    ("take", (F, 3), {}),
    ("take_along_axis", (F, np.argsort(F, 1)), {"axis": 1}),
    ("tile", (F, (2, 1)), {}),
    ("transpose", (T,), {"axes": (1, 0, 2)}),
    ("tril", (F,), {"k": -1}),
    ("triu", (F,), {"k": 1}),
    ("unstack", (F,), {"axis": 1}),
    ("view", (F,), {"dtype": "int32"}),
    ("vsplit", (T, 2), {}),
    ("vstack", ([F, G],), {}),
    ("rearrange", (T, "a b (c d) -> (b a) d c"), {"d": 2}),
    # Entries
    ("clip", (F, -0.5, 0.5), {}),
    ("clip", (B, 0, 1), {}),
    ("ldexp", (F, I), {}),
    ("nan_to_num", (N,), {"nan": 2.0}),
    ("nextafter", (F, G), {}),
    ("round", (F,), {"decimals": 2}),
    ("round", (I * 7,), {"decimals": -1}),
    ("threshold", (F, 0.2, -1.0), {}),
    ("where", (B, F, 0.0), {}),
    ("where", (B,), {}),
    ("arccosh", (P + 1,), {}),
    ("erfinv", (P,), {}),
    ("polar", (P, F), {}),
    ("view_as_complex", (T[..., :2],), {}),
    ("cdist", (F, G), {}),
    ("psnr", (F, G, 2.0), {}),
    # From nothing
    ("arange", (5,), {}),
    ("arange", (1, 2, 0.25), {}),
    ("arange", (1, 7, 2), {"dtype": "float32"}),
    ("array", (F,), {"dtype": "float32"}),
    *((name, (5,), {}) for name in ("bartlett", "blackman", "hamming", "hanning")),
    ("kaiser", (5, 3.0), {}),
    ("empty_like", (F,), {}),
    ("empty", ((2, 3),), {}),
    ("eye", (3,), {"M": 4, "k": 1}),
    ("full", ((2, 3), 5.0), {}),
    ("full_like", (F, 5), {}),
    ("geomspace", (1.0, 8.0), {"num": 4}),
    ("identity", (3,), {"dtype": "int32"}),
    ("linspace", (0.0, 1.0), {"num": 5, "endpoint": False, "retstep": True}),
    ("logspace", (0.0, 2.0), {"num": 3}),
    ("ones", ((2, 3),), {"dtype": "int32"}),
    ("ones_like", (F,), {}),
    ("tri", (3,), {"k": 1}),
    ("vander", (V,), {"N": 3, "increasing": True}),
    ("zeros", ((2, 3),), {}),
    ("zeros_like", (I,), {"dtype": "float32"}),
    # Products
    ("correlate", (V, V[:3]), {"mode": "same"}),
    ("cross", (M, M.T), {}),
    ("dot", (F, G.T), {}),
    ("einsum", ("ij,kj->ik", F, G), {}),
    ("inner", (F, G), {}),
    ("kron", (F, G), {}),
    ("matmul", (F, G.T), {}),
    ("matmul", (I.astype("int8"), J.T.astype("int8")), {}),
    ("outer", (V, V), {}),
    ("tensordot", (T, F), {"axes": [[1, 2], [0, 1]]}),
    ("trace", (T,), {"offset": 1}),
    ("vdot", (F, G), {}),
    # Matrices
    ("cholesky", (S,), {"upper": True}),
    ("cholesky_inverse", (np.linalg.cholesky(S),), {}),
    ("det", (M,), {}),
    ("eig", (S,), {}),
    ("eigh", (S,), {}),
    ("inv", (M,), {}),
    ("logdet", (S,), {}),
    ("lstsq", (T[0].T, V[:4]), {}),
    ("lu_factor", (np.stack([M, S]),), {}),
    ("matrix_rank", (M,), {}),
    ("norm", (F,), {}),
    ("norm", (I,), {"ord": 1, "axis": 1}),
    ("norm", (T,), {"ord": "fro", "axis": (1, 2), "keepdims": True}),
    ("pinv", (F,), {}),
    ("qr", (F,), {"mode": "complete"}),
    ("slogdet", (M,), {}),
    ("solve", (M, F), {}),
    ("solve_triangular", (M, F), {"lower": True}),
    ("svd", (F,), {"full_matrices": False}),
    ("svd", (F,), {"compute_uv": False}),
    # Networks
    ("normalize", (F,), {"axis": 0, "order": 3}),
    ("batch_normalization", (F, V[:4], P[0], -1), {"offset": V[1:], "scale": P[1], "epsilon": 0.1}),
    ("layer_normalization", (T,), {"axis": (1, 2), "gamma": F, "beta": G}),
    ("layer_normalization", (T,), {"gamma": V[:4], "epsilon": 0.1}),
    ("rms_normalization", (T,), {"scale": V[:4]}),
    ("one_hot", (I,), {"num_classes": 9, "axis": 1, "dtype": "int32"}),
    ("multi_hot", (I,), {"num_classes": 9}),
    ("multi_hot", (I[0],), {"num_classes": 9}),
    ("binary_crossentropy", (B.astype("float32"), P), {}),
    ("binary_crossentropy", (B.astype("float32"), F), {"from_logits": True}),
    ("categorical_crossentropy", (P, G), {"from_logits": True}),
    ("categorical_crossentropy", (P, P), {"axis": 0}),
    ("sparse_categorical_crossentropy", (np.array([0, 1, 3]), F), {"from_logits": True}),
    ("sparse_categorical_crossentropy", (np.array([0, 1, 3]), P), {}),
    ("dot_product_attention", (QUERY, KEY, KEY), {}),
    ("dot_product_attention", (QUERY, KEY, KEY), {"is_causal": True, "scale": 0.3, "bias": M[:1, None, :1, None]}),
    ("ctc_loss", (LABELS, LOGITS, np.array([3, 2]), np.array([7, 5])), {}),
    ("ctc_loss", (LABELS - 1, LOGITS, np.array([3, 2]), np.array([7, 5])), {"mask_index": 3}),
    ("ctc_decode", (LOGITS, np.array([7, 5])), {}),
    ("ctc_decode", (LOGITS, np.array([7, 5])), {"merge_repeated": False, "mask_index": 3}),
    ("ctc_decode", (LOGITS, np.array([7, 5])), {"strategy": "beam_search", "beam_width": 50, "top_paths": 3}),
    # Places
    ("conv", (SERIES, T[:, :, :2].reshape(2, 3, 2)), {"strides": 2}),
    ("conv", (IMAGES, VOLUMES[0, :3, :3, :3]), {"padding": "same", "dilation_rate": 2}),
    ("conv", (IMAGES.transpose(0, 3, 1, 2), VOLUMES[0, :3, :3, :3]), {"data_format": "channels_first"}),
    ("conv", (IMAGES, draw.normal(size=(2, 2, 1, 6)).astype("float32")), {}),
    ("conv", (VOLUMES, draw.normal(size=(2, 2, 2, 2, 3)).astype("float32")), {"padding": "same"}),
    ("depthwise_conv", (IMAGES, VOLUMES[0, :3, :3, :3]), {"strides": 2, "padding": "same"}),
    ("separable_conv", (IMAGES, VOLUMES[0, :3, :3, :3], draw.normal(size=(1, 1, 6, 2)).astype("float32")), {}),
    *(
        (
            "conv_transpose",
            (IMAGES, draw.normal(size=(n, n, 2, 3)).astype("float32")),
            {"padding": padding, **more},
        )
        for padding in ("valid", "same")
        for n in (2, 3)
        for more in ({}, {"strides": 2}, {"strides": 3, "output_padding": 1}, {"dilation_rate": 2})
    ),
    ("conv_transpose", (SERIES, draw.normal(size=(3, 2, 3)).astype("float32")), {"strides": 2}),
    ("max_pool", (IMAGES, 2), {"strides": 2}),
    ("max_pool", (IMAGES, (3, 2)), {"strides": 1, "padding": "same"}),
    ("average_pool", (IMAGES, 2), {"strides": (1, 2), "padding": "same"}),
    ("average_pool", (SERIES, 2), {"strides": 1, "data_format": "channels_first"}),
    ("adaptive_average_pool", (IMAGES, (4, 3)), {}),
    ("adaptive_average_pool", (SERIES, 4), {"data_format": "channels_first"}),
    ("adaptive_max_pool", (IMAGES, (5, 3)), {}),
    ("adaptive_max_pool", (VOLUMES, 2), {}),
    ("unfold", (IMAGES, (2, 3)), {"stride": 2, "padding": 1, "dilation": 1}),
    ("fold", (draw.normal(size=(2, 12, 9)).astype("float32"), 4, 2), {}),
    ("fold", (draw.normal(size=(2, 12, 9)).astype("float32"), 6, 2), {"stride": 2}),
    ("fold", (draw.normal(size=(2, 12, 25)).astype("float32"), 4, 2), {"padding": 1}),
    ("depth_to_space", (draw.normal(size=(2, 3, 3, 8)).astype("float32"), 2), {}),
    ("depth_to_space", (draw.normal(size=(2, 8, 3, 3)).astype("float32"), 2), {"data_format": "channels_first"}),
    ("space_to_depth", (IMAGES, 2), {}),
    ("space_to_depth", (IMAGES.transpose(0, 3, 1, 2), 2), {"data_format": "channels_first"}),
    # Signals
    ("fft", ((F, G),), {}),
    ("fft2", ((F, G),), {}),
    ("ifft2", ((F, G),), {}),
    ("rfft", (F,), {"fft_length": 6}),
    ("irfft", ((F, G),), {"fft_length": 5}),
    ("extract_sequences", (SIGNAL, 8, 3), {}),
    ("stft", (SIGNAL, 8, 4, 10), {}),
    ("stft", (SIGNAL, 8, 4, 8), {"window": None, "center": False}),
    ("stft", (SIGNAL, 8, 4, 8), {"window": "hamming"}),
    ("istft", ((draw.normal(size=(2, 9, 5)).astype("float32"), np.zeros((2, 9, 5), "float32")), 8, 4, 8), {}),
    # Tensors and control flow
    ("cast", (F, "int32"), {}),
    ("convert_to_numpy", (F,), {}),
    ("convert_to_tensor", (F,), {"dtype": "int32"}),
    ("dtype", (F,), {}),
    ("is_tensor", (F,), {}),
    ("saturate_cast", (F * 200, "uint8"), {}),
    ("saturate_cast", (I * 100, "int8"), {}),
    ("scatter", (np.array([[0], [2], [0]]), F, (4, 4)), {}),
    *(("scatter_update", (F, np.array([[0, 1], [2, 2]]), V[:2], reduction), {}) for reduction in (None, "add", "max")),
    ("slice", (F, (1, 0), (2, -1)), {}),
    ("slice_update", (F, (1, 0), G[:2]), {}),
    ("stop_gradient", (F,), {}),
    ("associative_scan", (lambda a, b: a * b, F), {"axis": 1}),
    ("cond", (F[0, 0] > 0, lambda: F, lambda: G), {}),
    ("fori_loop", (0, 3, lambda i, x: x * 2, F), {}),
    ("map", (lambda x: x * 2, F), {}),
    ("scan", (lambda total, x: (total + x, total * 2), F[0], F), {"reverse": True}),
    ("switch", (1, [lambda x: x, lambda x: 2 * x], F), {}),
    ("vectorized_map", (lambda x: x.sum(), F), {}),
    ("while_loop", (lambda x: x.sum() < 100, lambda x: (x * 2,), (P,)), {"maximum_iterations": 3}),
    ("jvp", (lambda x: x**2, (F,), (G,)), {}),
]
IMAGE_ROWS = [
    *(
        ("resize", (IMAGES, (5, 9), method), {})
        for method in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
    ),
    ("resize", (IMAGES[0], (3, 3)), {"antialias": True}),
    ("resize", (IMAGES, (4, 4)), {"crop_to_aspect_ratio": True}),
    ("resize", (IMAGES, (4, 5)), {"pad_to_aspect_ratio": True, "fill_value": 2.0}),
    ("resize", (IMAGES.transpose(0, 3, 1, 2), (4, 9)), {"pad_to_aspect_ratio": True, "data_format": "channels_first"}),
    ("resize", ((IMAGES * 255).astype("uint8"), (4, 9)), {}),
    ("pad_images", (IMAGES, 1, 2, 3, 0), {}),
    ("pad_images", (IMAGES[0], 1, None, None, 2, 9, 12), {}),
    ("crop_images", (IMAGES, 1, 2, 2, 0), {}),
    ("crop_images", (IMAGES, None, 2, 1, None, 3, 4), {}),
    ("extract_patches", (IMAGES, (3, 2)), {"strides": 2, "padding": "same"}),
    ("extract_patches", (IMAGES[0], 3), {"dilation_rate": 2, "strides": 1}),
    ("extract_patches_3d", (VOLUMES, 2), {}),
    ("rgb_to_grayscale", (IMAGES,), {}),
    ("rgb_to_grayscale", ((IMAGES * 255).astype("uint8"),), {}),
    ("rgb_to_hsv", (IMAGES,), {}),
    ("hsv_to_rgb", (IMAGES,), {}),
    ("gaussian_blur", (IMAGES,), {"kernel_size": (3, 5), "sigma": (1.0, 2.0), "data_format": "channels_last"}),
    ("affine_transform", (IMAGES, np.array([[1.1, 0.2, -1.0, 0.1, 0.9, 0.5, 0.0, 0.0]] * 2, "float32")), {}),
    (
        "affine_transform",
        (IMAGES, np.array([[1.1, 0.2, -1.0, 0.1, 0.9, 0.5, 0.0, 0.0]] * 2, "float32"), "nearest", "reflect"),
        {},
    ),
    (
        "perspective_transform",
        (
            IMAGES[0],
            np.array([[0, 0], [7, 0], [0, 5], [7, 5]], "float32"),
            np.array([[1, 0], [6, 1], [0, 5], [7, 4]], "float32"),
        ),
        {},
    ),
    ("map_coordinates", (F, draw.uniform(0, 3, size=(2, 5)).astype("float32"), 1), {"fill_mode": "nearest"}),
    ("elastic_transform", (IMAGES,), {"seed": 3, "alpha": 2.0, "sigma": 1.0, "data_format": "channels_last"}),
    ("scale_and_translate", (F, (4, 5), np.array([1.5, 0.5]), np.array([0.0, 1.0]), (0, 1), "linear"), {}),
    ("sobel_edges", (IMAGES,), {}),
    ("ssim", (np.tile(IMAGES, (1, 3, 2, 1)), np.tile(IMAGES[::-1], (1, 3, 2, 1))), {}),
]
FUNCTIONS = sorted(name for name in dir(keras.ops) if not name.startswith("_") and callable(getattr(keras.ops, name)))
IDS = [f"{name}-{index}" for index, (name, _, _) in enumerate(ROWS)]


def arrays(structure):
    return jax.tree.map(lambda x: jnp.asarray(x) if isinstance(x, np.ndarray) else x, structure)


def same(got, expected, tolerance=1e-6):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        assert np.shape(a) == np.shape(b)
        if isinstance(a, str | bool):
            assert a == b
        else:
            assert jnp.result_type(a) == jnp.result_type(b)
            wide = np.complex128 if np.iscomplexobj(a) else np.float64
            np.testing.assert_allclose(np.asarray(a).astype(wide), np.asarray(b).astype(wide), tolerance, tolerance)


def test_the_table_is_complete():
    assert set(FUNCTIONS) - {name for name, _, _ in ROWS} == {"custom_gradient", "vectorize"}
    images = {name for name in dir(keras.ops.image) if not name.startswith("_")}
    assert images == {name for name, _, _ in IMAGE_ROWS} == set(ops.image.__all__)


# Those whose sums are long.
ROUGH = {"corrcoef": 1e-5, "lstsq": 1e-5, "pinv": 1e-5, "inv": 1e-5, "solve": 1e-5, "solve_triangular": 1e-5}
ROUGH |= {"conv_transpose": 1e-5, "fft": 1e-5, "stft": 1e-5, "istft": 1e-5, "ctc_loss": 1e-5, "ctc_decode": 1e-5}


@pytest.mark.filterwarnings("ignore::UserWarning")  # Keras on softmax
@pytest.mark.parametrize(("name", "args", "kwargs"), ROWS, ids=IDS)
def test_values_and_dtypes(name, args, kwargs):
    args, kwargs = arrays((args, kwargs))
    same(getattr(ops, name)(*args, **kwargs), getattr(keras.ops, name)(*args, **kwargs), ROUGH.get(name, 1e-6))


@pytest.mark.parametrize(
    ("name", "args", "kwargs"), IMAGE_ROWS, ids=[f"{name}-{index}" for index, (name, _, _) in enumerate(IMAGE_ROWS)]
)
def test_images(name, args, kwargs):
    args, kwargs = arrays((args, kwargs))
    same(getattr(ops.image, name)(*args, **kwargs), getattr(keras.ops.image, name)(*args, **kwargs), 1e-5)


# Keras takes rms_scaling=, which is deprecated.
@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - {"layer_normalization"}))
def test_arguments_have_keras_names_and_defaults(name):
    mine, theirs = (
        [(p.name, p.kind, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for module in (ops, keras.ops)
    )
    assert mine == theirs


@pytest.mark.parametrize("dtype", ["bool", "int32", "uint8", "bfloat16"])
@pytest.mark.parametrize("name", [*FLOAT_UNARY, *UNARY, "sum", "mean", "std", "var", "prod", "median", "max", "argmax"])
def test_dtypes_of_results(name, dtype):
    x = jnp.asarray([[1, 0], [1, 1]], dtype)
    try:
        expected = getattr(keras.ops, name)(x)
    except (TypeError, ValueError):
        return  # Keras refuses it
    got = getattr(ops, name)(x)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(np.float64(got), np.float64(expected), rtol=1e-2)


@pytest.mark.parametrize(
    ("one", "two"), [("int32", "float32"), ("bfloat16", "float32"), ("uint8", "int32"), ("bool", "bool")]
)
@pytest.mark.parametrize("name", ["add", "multiply", "divide", "maximum", "power", "arctan2", "logaddexp", "matmul"])
def test_dtypes_of_two_arguments(name, one, two):
    x1, x2 = jnp.ones((2, 2), one), jnp.ones((2, 2), two)
    try:
        expected = getattr(keras.ops, name)(x1, x2)
    except TypeError:
        return  # Keras refuses it
    assert getattr(ops, name)(x1, x2).dtype == expected.dtype


SYMBOLIC = [
    *FLOAT_UNARY,
    *UNARY,
    *ACTIVATIONS,
    "sum",
    "mean",
    "argmax",
    "cumsum",
    "sort",
    "flip",
    "top_k",
    "stop_gradient",
]


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbolic_tensors_variables_lists_and_programs(name):
    f = getattr(ops, name)
    arguments = {"k": 2} if name == "top_k" else {"axis": 1} if name in ("sum", "mean", "argmax", "cumsum") else {}
    expected = f(P, **arguments)
    drawn = f(SymbolicTensor((None, 4)), **arguments)
    for a, b in zip(jax.tree.leaves(drawn), jax.tree.leaves(expected), strict=True):
        assert a.shape == (None, *b.shape[1:])
        assert a.dtype == str(b.dtype)
    same(f(Variable(P), **arguments), expected)
    same(f(P.tolist(), **arguments), expected)
    same(jax.jit(lambda x: f(x, **arguments))(P), expected)


def test_functions_of_functions():
    def steep(x):
        return x**2, lambda upstream: 10.0 * upstream

    mine, theirs = ops.custom_gradient(steep), keras.ops.custom_gradient(steep)
    same(mine(V), theirs(V))
    same(*(jax.grad(lambda x, f=f: jnp.sum(f(x)))(jnp.asarray(V)) for f in (mine, theirs)))
    mine, theirs = (module.vectorize(lambda a, b: a * b, signature="(n),()->(n)") for module in (ops, keras.ops))
    same(mine(T, F[:2, :3]), theirs(T, F[:2, :3]))
