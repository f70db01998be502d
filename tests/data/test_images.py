import builtins
import io
from pathlib import Path

import numpy as np
import pytest

from lamina.data.images import array_to_img, img_to_array, load_img, save_img

pytest.importorskip("PIL")
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype("uint8")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_travel_through_a_file(tmp_path, channels):
    pixels = np.random.default_rng(1).integers(0, 256, (5, 4, channels)).astype("uint8")
    save_img(tmp_path / "x.png", pixels, scale=False)
    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    for path in (tmp_path / "x.png", str(tmp_path / "x.png"), io.BytesIO((tmp_path / "x.png").read_bytes())):
        found = img_to_array(load_img(path, color_mode=mode))
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, pixels)


def test_scaling_stretches_to_all_of_0_to_255():
    found = img_to_array(array_to_img([[[1.0], [2.0], [3.0]]]))
    assert found[0, :, 0].tolist() == [0, 127, 255]
    assert img_to_array(array_to_img(np.zeros((1, 2, 3)))).max() == 0
    assert array_to_img(np.full((1, 2, 1), 300.0), scale=False).mode == "I"


def test_channels_may_come_first():
    first = np.moveaxis(PIXELS, -1, 0)
    image = array_to_img(first, data_format="channels_first", scale=False)
    assert image.size == (8, 6)
    np.testing.assert_array_equal(img_to_array(image, data_format="channels_first"), first)
    assert img_to_array(array_to_img(first[:1], "channels_first"), "channels_first").shape == (1, 6, 8)
    assert img_to_array(image, dtype="uint8").dtype == np.uint8


def test_images_are_resized_and_cropped(tmp_path):
    save_img(tmp_path / "x.bmp", PIXELS)
    assert load_img(tmp_path / "x.bmp", target_size=(3, 5)).size == (5, 3)
    assert load_img(tmp_path / "x.bmp", target_size=(4, 4), interpolation="lanczos", keep_aspect_ratio=True).size == (
        4,
        4,
    )
    whole = load_img(tmp_path / "x.bmp", target_size=(6, 6), keep_aspect_ratio=True)
    np.testing.assert_array_equal(img_to_array(whole), img_to_array(load_img(tmp_path / "x.bmp"))[:, 1:7])


def test_jpeg_files_lose_transparency_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="no transparency"):
        save_img(tmp_path / "x.jpg", np.zeros((2, 2, 4)))
    assert load_img(tmp_path / "x.jpg", "rgba").mode == "RGBA"


def test_a_damaged_file_is_named(tmp_path):
    save_img(tmp_path / "x.png", np.random.default_rng(0).normal(size=(50, 50, 3)))
    whole = (tmp_path / "x.png").read_bytes()
    for name, contents in (("cut.png", whole[:-2000]), ("text.png", b"no image"), ("empty.png", b"")):
        (tmp_path / name).write_bytes(contents)
        with pytest.raises(ValueError, match=f"{name}.*cannot be read"):
            load_img(tmp_path / name)
    with pytest.raises(ValueError, match="The data cannot be read"):
        load_img(io.BytesIO(b"x"))
    with pytest.raises(FileNotFoundError, match="gone"):
        load_img(tmp_path / "gone.png")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: load_img(p, color_mode="bgr"), ValueError, "color_mode must be one of"),
        (lambda p: load_img(p, target_size=(2, 2), interpolation="cubic"), ValueError, "interpolation must be one of"),
        (lambda p: load_img(3), TypeError, "not from a int"),
        (lambda p: img_to_array(np.zeros(3)), ValueError, r"shape \(3,\)"),
        (lambda p: img_to_array(PIXELS, data_format="last"), ValueError, "data_format must be one of"),
        (lambda p: array_to_img(np.zeros((2, 2))), ValueError, r"three axes.*\(2, 2\)"),
        (lambda p: array_to_img(np.zeros((2, 2, 2))), ValueError, "1, 3 or 4 channels. Received: 2"),
        (lambda p: save_img(p.with_name("x"), PIXELS), ValueError, "needs a file_format"),
        (lambda p: save_img(p.with_name("x.xyz"), PIXELS), ValueError, "no format 'xyz'"),
        (lambda p: load_img(p, colour="rgb"), TypeError, "no argument 'colour'"),
    ],
)
def test_bad_input(tmp_path, call, error, message):
    save_img(tmp_path / "x.png", PIXELS)
    with pytest.raises(error, match=message):
        call(tmp_path / "x.png")


def test_without_pillow_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"(?s)load_img needs the package 'pillow'.*lamina\[images\]"):
        load_img(Path("x.png"))
