"""Embeddings as files that TensorBoard's projector reads: vectors and labels as TSV, images as a sprite."""

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.core.errors import DataError, FileError, LoadError
from lamina.core.files import replacing
from lamina.core.validate import file_path
from lamina.tensorboard.events import message

CONFIG = "projector_config.pbtxt"


def write_embedding(
    folder: str | os.PathLike[str],
    name: str,
    vectors: Any,
    labels: Sequence[Any] | str | os.PathLike[str] | None = None,
    images: Any = None,
    configs: Sequence[str | os.PathLike[str]] = (),
) -> None:
    """Writes vectors for the projector; those of the same name are replaced.

    Args:
        folder: of the run.
        name: of the vectors.
        vectors: `(points, dimensions)`.
        labels: one a point; rows of several, headed by a row of titles; or a TSV file, which is copied.
        images: `(points, height, width)` or `(points, height, width, channels)`, shown in place of the
            points: integers from 0 to 255, or floats from 0 to 1.
        configs: other folders, above this one, that tell the projector of it too.

    Raises:
        DataError: for shapes and lengths that do not fit.
        FileError: if the files cannot be written, or the one of labels cannot be read.
    """
    folder = Path(file_path("write_embedding", "folder", folder))
    stem = "".join(sign if sign.isalnum() else "_" for sign in name)
    points = _matrix(name, vectors)
    entry: dict[str, Any] = {"tensor_name": name, "tensor_shape": list(points.shape)}
    files = {"tensor_path": f"{stem}.tsv"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / files["tensor_path"]) as file:
            np.savetxt(file, points, "%.7g", "\t")
        if labels is not None:
            files["metadata_path"] = f"{stem}.labels.tsv"
            _write_labels(folder / files["metadata_path"], name, labels, len(points))
        sprite = None
        if images is not None:
            files["sprite"] = f"{stem}.png"
            sprite = _write_sprite(folder / files["sprite"], name, images, len(points))
        for place in (folder, *configs):
            inner = folder.resolve().relative_to(Path(place).resolve())
            _tell(Path(place) / CONFIG, entry, {key: (inner / file).as_posix() for key, file in files.items()}, sprite)
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"Files for the projector cannot be written to '{folder}': {error.strerror}.") from None


def _matrix(name: str, vectors: Any) -> np.ndarray:
    points = np.asarray(vectors)
    if points.ndim != 2 or not points.size or points.dtype.kind in "OSU":
        raise DataError(
            f"The embedding '{name}' must be numbers of the shape (points, dimensions). "
            f"Received: {points.dtype}{list(points.shape)}"
        )
    return points.astype("float64")


def _write_labels(path: Path, name: str, labels: Any, count: int) -> None:
    if isinstance(labels, str | os.PathLike):
        try:
            shutil.copyfile(labels, path)
        except OSError as error:
            raise FileError(
                f"The labels of the embedding '{name}' cannot be read from '{labels}': {error.strerror}.",
                hint="write the file before training, or pass the labels as a list.",
            ) from None
        return
    if np.ndim(labels) == 0:
        raise DataError(f"The labels of the embedding '{name}' must be a list, one a point. Received: {labels!r}")
    rows = [[label] if isinstance(label, str) or np.ndim(label) == 0 else list(label) for label in labels]
    headed = bool(rows) and len(rows[0]) > 1  # the projector takes the first of several columns' rows for titles
    if len(rows) != count + headed:
        wanted = f"{count} and a row of titles" if headed else str(count)
        raise DataError(f"The embedding '{name}' needs as many labels as points, {wanted}. Received: {len(rows)}")
    lines = ["\t".join(" ".join(str(cell).split()) for cell in row) for row in rows]
    with replacing(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _write_sprite(path: Path, name: str, images: Any, count: int) -> tuple[int, int]:
    """All images in a square of images, row by row; returns width and height of one, pixels."""
    from PIL import Image

    pixels = np.asarray(images)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels
    if pixels.ndim != 4 or len(pixels) != count or pixels.shape[-1] not in (1, 3):
        raise DataError(
            f"The embedding '{name}' needs images as ({count}, height, width) or with 1 or 3 channels behind. "
            f"Received: {list(pixels.shape)}"
        )
    if pixels.dtype.kind == "f":
        pixels = pixels * 255.5
    side, (height, width) = math.ceil(math.sqrt(count)), pixels.shape[1:3]
    grid = np.zeros((side * side, height, width, 3), "uint8")
    grid[:count] = np.clip(pixels, 0, 255)
    square = grid.reshape(side, side, height, width, 3).swapaxes(1, 2).reshape(side * height, side * width, 3)
    with replacing(path) as file:
        Image.fromarray(square).save(file, "png")
    return width, height


def _tell(path: Path, entry: dict[str, Any], files: dict[str, str], sprite: tuple[int, int] | None) -> None:
    """Puts an embedding into a config in place of an older one of its name."""
    from google.protobuf import text_format

    kinds = "plugins.projector.projector_config_pb2"
    config = message(kinds, "ProjectorConfig")()
    if path.exists():
        try:
            text_format.Parse(path.read_text(encoding="utf-8"), config)
        except (text_format.ParseError, UnicodeDecodeError):
            raise LoadError(f"'{path}' is no config of TensorBoard's projector.", hint="remove the file.") from None
    kept = [info for info in config.embeddings if info.tensor_name != entry["tensor_name"]]
    del config.embeddings[:]
    paths = {key: file for key, file in files.items() if key != "sprite"}
    info = message(kinds, "EmbeddingInfo")(**entry, **paths)
    if sprite is not None:
        info.sprite.image_path = files["sprite"]
        info.sprite.single_image_dim.extend(sprite)
    config.embeddings.extend([*kept, info])
    with replacing(path, "w", encoding="utf-8") as file:
        file.write(text_format.MessageToString(config))
