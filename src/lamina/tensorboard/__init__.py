"""What TensorBoard reads: event files and the projector's files (the extra `tensorboard`; TensorFlow is not needed)."""

from lamina.tensorboard.events import FileWriter, require_tensorboard
from lamina.tensorboard.model_graph import conceptual_graph
from lamina.tensorboard.projector import write_embedding
from lamina.tensorboard.search import write_search

__all__ = ["FileWriter", "conceptual_graph", "require_tensorboard", "write_embedding", "write_search"]
