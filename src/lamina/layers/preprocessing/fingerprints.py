"""Hashes of texts that are the same in each process and on each machine, many texts at a time.

Where a hash branches, it does so on the length of the text alone: texts of equal length are the rows of one matrix
of bytes, and the 64-bit arithmetic of C, which wraps around, is that of NumPy's uint64.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

U64 = np.uint64
_K0, _K1, _K2 = U64(0xC3A5C85C97CB3127), U64(0xB492B66FBE98F273), U64(0x9AE16A3B2F90404F)
_CROSS = U64(0xC6A4A7935BD1E995)

Words = Any  # uint64, one for each text, or one for all
Rows = np.ndarray  # uint8, a row for each text


def fingerprint64(texts: Sequence[bytes]) -> Words:
    """FarmHash's Fingerprint64, uint64 `(len(texts),)`.

    Example:
        >>> fingerprint64([b"hello"])
        array([13009744463427800296], dtype=uint64)

    Reference:
        G. Pike, FarmHash, 2014: `farmhashna::Hash64`.
    """
    return _by_length(texts, _farmhash)


def siphash64(texts: Sequence[bytes], key: Sequence[int]) -> Words:
    """SipHash-2-4 with a key of two integers, uint64 `(len(texts),)`.

    Example:
        >>> hex(siphash64([bytes(range(15))], (0x0706050403020100, 0x0F0E0D0C0B0A0908))[0])
        '0xa129ca6149be45e5'

    Reference:
        J.-P. Aumasson and D. J. Bernstein, SipHash: a fast short-input PRF, 2012; the example is theirs.
    """
    k0, k1 = (U64(part % 2**64) for part in key)
    return _by_length(texts, lambda rows: _siphash(rows, k0, k1))


def cross_fingerprints(one: Words, other: Words) -> Words:
    """One fingerprint for pairs of fingerprints."""
    with np.errstate(over="ignore"):
        result = (one ^ _CROSS) ^ (_shift_mix(other * _CROSS) * _CROSS)
        return _shift_mix(_shift_mix(result * _CROSS) * _CROSS)


def _by_length(texts: Sequence[bytes], hash_rows: Callable[[Rows], Words]) -> Words:
    result = np.empty(len(texts), U64)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    with np.errstate(over="ignore"):
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            joined = b"".join([texts[place] for place in places.tolist()])
            result[places] = hash_rows(np.frombuffer(joined, np.uint8).reshape(len(places), length))
    return result


def _fetch(rows: Rows, start: int, size: int = 8) -> Words:
    """The little-endian number in some bytes of each row."""
    return np.ascontiguousarray(rows[:, start : start + size]).view(f"<u{size}")[:, 0].astype(U64)


def _rotate_right(x: Words, bits: int) -> Words:
    return (x >> U64(bits)) | (x << U64(64 - bits))


def _shift_mix(x: Words) -> Words:
    return x ^ (x >> U64(47))


def _mix(u: Words, v: Words, multiplier: Words) -> Words:
    a = _shift_mix((u ^ v) * multiplier)
    return _shift_mix((v ^ a) * multiplier) * multiplier


def _farmhash(rows: Rows) -> Words:
    length = rows.shape[1]
    if length > 64:
        return _farmhash_long(rows)
    multiplier = _K2 + U64(2 * length)
    if length > 32:
        return _farmhash_to_64(rows, multiplier)
    if length > 16:
        return _half(rows, multiplier, _fetch(rows, 0) * _K1)[1]
    if length >= 8:
        a, b = _fetch(rows, 0) + _K2, _fetch(rows, length - 8)
        return _mix(_rotate_right(b, 37) * multiplier + a, (_rotate_right(a, 25) + b) * multiplier, multiplier)
    if length >= 4:
        return _mix(U64(length) + (_fetch(rows, 0, 4) << U64(3)), _fetch(rows, length - 4, 4), multiplier)
    if length > 0:
        first, middle, last = (rows[:, place].astype(U64) for place in (0, length // 2, length - 1))
        y, z = first + (middle << U64(8)), U64(length) + (last << U64(2))
        return _shift_mix(y * _K2 ^ z * _K0) * _K2
    return np.full(len(rows), _K2)


def _half(rows: Rows, multiplier: Words, a: Words) -> tuple[Words, Words]:
    """What the first and last sixteen bytes come to: a sum, and a hash."""
    length = rows.shape[1]
    b, c, d = _fetch(rows, 8), _fetch(rows, length - 8) * multiplier, _fetch(rows, length - 16) * _K2
    total = _rotate_right(a + b, 43) + _rotate_right(c, 30) + d
    return total, _mix(total, a + _rotate_right(b + _K2, 18) + c, multiplier)


def _farmhash_to_64(rows: Rows, multiplier: Words) -> Words:
    length = rows.shape[1]
    a = _fetch(rows, 0) * _K2
    y, z = _half(rows, multiplier, a)
    e, f = _fetch(rows, 16) * multiplier, _fetch(rows, 24)
    g = (y + _fetch(rows, length - 32)) * multiplier
    h = (z + _fetch(rows, length - 24)) * multiplier
    left = _rotate_right(e + f, 43) + _rotate_right(g, 30) + h
    return _mix(left, e + _rotate_right(f + a, 18) + g, multiplier)


def _farmhash_long(rows: Rows) -> Words:
    """Blocks of 64 bytes change a state of 56; the last block overlaps the one before it."""
    length = rows.shape[1]
    zero = np.zeros(len(rows), U64)
    x, y = zero + U64(81), zero + U64(81) * _K1 + U64(113)
    z = _shift_mix(y * _K2 + U64(113)) * _K2
    v, w = (zero, zero), (zero, zero)
    x = x * _K2 + _fetch(rows, 0)
    for start in range(0, (length - 1) // 64 * 64, 64):
        x = _rotate_right(x + y + v[0] + _fetch(rows, start + 8), 37) * _K1
        y = _rotate_right(y + v[1] + _fetch(rows, start + 48), 42) * _K1
        x, y = x ^ w[1], y + v[0] + _fetch(rows, start + 40)
        z = _rotate_right(z + w[0], 33) * _K1
        v = _weak(rows, start, v[1] * _K1, x + w[0])
        w = _weak(rows, start + 32, z + w[1], y + _fetch(rows, start + 16))
        x, z = z, x
    multiplier = _K1 + ((z & U64(0xFF)) << U64(1))
    start = length - 64
    w = (w[0] + U64((length - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _rotate_right(x + y + v[0] + _fetch(rows, start + 8), 37) * multiplier
    y = _rotate_right(y + v[1] + _fetch(rows, start + 48), 42) * multiplier
    x, y = x ^ (w[1] * U64(9)), y + v[0] * U64(9) + _fetch(rows, start + 40)
    z = _rotate_right(z + w[0], 33) * multiplier
    v = _weak(rows, start, v[1] * multiplier, x + w[0])
    w = _weak(rows, start + 32, z + w[1], y + _fetch(rows, start + 16))
    left = _mix(v[0], w[0], multiplier) + _shift_mix(y) * _K0 + x  # x and z have changed places once more
    return _mix(left, _mix(v[1], w[1], multiplier) + z, multiplier)


def _weak(rows: Rows, start: int, a: Words, b: Words) -> tuple[Words, Words]:
    w, x, y, z = (_fetch(rows, start + offset) for offset in (0, 8, 16, 24))
    a = a + w
    b = _rotate_right(b + a + z, 21)
    total = a + x + y
    return total + z, b + _rotate_right(total, 44) + a


def _siphash(rows: Rows, k0: np.uint64, k1: np.uint64) -> Words:
    length = rows.shape[1]
    zero = np.zeros(len(rows), U64)
    state = [
        zero + (k0 ^ U64(0x736F6D6570736575)),
        zero + (k1 ^ U64(0x646F72616E646F6D)),
        zero + (k0 ^ U64(0x6C7967656E657261)),
        zero + (k1 ^ U64(0x7465646279746573)),
    ]
    # The last word holds the bytes that are left over, and the length.
    padded = np.zeros((len(rows), length // 8 * 8 + 8), np.uint8)
    padded[:, :length] = rows
    padded[:, -1] = length % 256
    for start in range(0, padded.shape[1], 8):
        word = _fetch(padded, start)
        state[3] = state[3] ^ word
        state = _sip_round(*_sip_round(*state))
        state[0] = state[0] ^ word
    state[2] = state[2] ^ U64(0xFF)
    for _ in range(4):
        state = _sip_round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_round(a: Words, b: Words, c: Words, d: Words) -> list[Words]:
    a, c = a + b, c + d
    b, d = _rotate_right(b, 51) ^ a, _rotate_right(d, 48) ^ c
    a, c = _rotate_right(a, 32) + d, c + b
    b, d = _rotate_right(b, 47) ^ c, _rotate_right(d, 43) ^ a
    return [a, b, _rotate_right(c, 32), d]
