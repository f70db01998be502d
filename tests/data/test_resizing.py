import numpy as np
import pytest

from lamina.data.resizing import INTERPOLATIONS, centre_crop, resize, resize_with_padding, smart_resize

IMAGE = np.random.default_rng(0).uniform(0, 255, (9, 13, 3)).astype("float32")


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("size", [(5, 4), (20, 31), (9, 13), (1, 1)])
def test_a_plain_image_stays_plain_and_shapes_are_as_asked(interpolation, size):
    plain = resize(np.full((9, 13, 2), 7.0), size, interpolation)
    assert plain.shape == (*size, 2)
    np.testing.assert_allclose(plain, 7, rtol=1e-6)


def test_areas_are_averages():
    np.testing.assert_allclose(
        resize(IMAGE[:8, :12], (4, 6), "area"), IMAGE[:8, :12].reshape(4, 2, 6, 2, 3).mean((1, 3)), rtol=1e-5
    )


def test_nearest_keeps_values_and_dtype():
    small = np.arange(4, dtype="uint8").reshape(2, 2, 1)
    found = resize(small, (4, 4), "nearest")
    assert found.dtype == np.uint8
    assert found[..., 0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]


@pytest.mark.parametrize("batch", [(), (2,)])
def test_smart_resize_crops_the_middle(batch):
    image = np.broadcast_to(IMAGE, (*batch, 9, 13, 3))
    expected = resize(image[..., 2:11, :], (3, 3))
    np.testing.assert_array_equal(smart_resize(image, (3, 3)), expected)
    first = smart_resize(np.moveaxis(image, -1, -3), (3, 3), data_format="channels_first")
    np.testing.assert_array_equal(first, np.moveaxis(expected, -1, -3))


def test_a_crop_of_a_very_narrow_image_is_not_empty():
    assert centre_crop(np.zeros((1, 100, 1)), (100, 1)).shape == (1, 1, 1)


def test_padding_is_black_and_in_the_middle():
    found = resize_with_padding(np.ones((2, 6, 1)), (6, 6))[..., 0]
    assert found.sum(axis=1).tolist() == [0, 0, 6, 6, 0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resize(IMAGE, (2, 2), "cubic"), "(?s)interpolation must be one of.*'cubic'.*bicubic"),
        (lambda: smart_resize(IMAGE[0], (2, 2)), r"Received: \(13, 3\)"),
        (lambda: smart_resize(IMAGE, (2,)), "size must be a height and a width"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("interpolation", ["gaussian", "mitchellcubic"])
def test_smoothing_kernels_smooth_along_the_axis_whose_size_stays(interpolation):
    image = np.zeros((4, 5, 1), "float32")
    image[:, 2] = 1
    row = resize(image, (6, 5), interpolation)[0, :, 0]
    assert 0 < row[1] == row[3] < row[2] < 1
