"""How primitives of JAX are said in operators of ONNX: importing this fills the table."""

from lamina.export.primitives import control, elementwise, indexing, products, reducing, shaping, windows
