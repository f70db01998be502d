"""Programs of JAX, primitive by primitive, to operators of ONNX."""

from typing import Any

from jax.extend.core import Literal

from lamina.core.errors import ExportError
from lamina.export.builder import TABLE, Builder


def translate(b: Builder, jaxpr: Any, constants: list[str], inputs: list[str]) -> list[str]:
    """Adds the operators of a program.

    Args:
        b: where to.
        jaxpr: the program.
        constants: the names of the tensors that belong to it.
        inputs: those of its inputs.

    Returns:
        The names of its outputs.

    Raises:
        ExportError: for a primitive that ONNX has no operators for; names it and the layer.
    """
    names = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *inputs], strict=True))

    def read(atom: Any) -> str:
        return b.like(atom.aval, atom.val) if isinstance(atom, Literal) else names[atom]

    around = b.place
    for eqn in _needed(jaxpr):
        # A scope is `model/layer`; programs inside have none of their own.
        b.place = str(eqn.source_info.name_stack).split("/")[-1] or around
        outputs = _translate_one(b, eqn, [read(atom) for atom in eqn.invars])
        names.update(zip(eqn.outvars, outputs, strict=True))
    b.place = around
    return [read(atom) for atom in jaxpr.outvars]


def _needed(jaxpr: Any) -> list[Any]:
    """The equations that outputs depend on."""
    wanted = {atom for atom in jaxpr.outvars if not isinstance(atom, Literal)}
    kept = []
    for eqn in reversed(jaxpr.eqns):
        if wanted.isdisjoint(eqn.outvars):
            continue
        kept.append(eqn)
        wanted.update(atom for atom in eqn.invars if not isinstance(atom, Literal))
    return kept[::-1]


def _translate_one(b: Builder, eqn: Any, inputs: list[str]) -> list[str]:
    primitive, translator = eqn.primitive.name, TABLE.get(eqn.primitive.name)
    place = f"layer '{b.place}'" if b.place else "the model"
    hint = 'export the model with format="stablehlo", which can hold any program, or use another layer there.'
    if translator is None:
        raise ExportError(f"ONNX has no operators for the primitive {primitive!r} that {place} uses.", hint=hint)
    if any(v.aval.dtype.kind == "c" for v in eqn.outvars if hasattr(v.aval.dtype, "kind")):
        raise ExportError(f"ONNX has no complex numbers, but {place} uses them in {primitive!r}.", hint=hint)
    try:
        made = translator(b, eqn, *inputs)
    except ExportError as error:
        if error.hint is not None:  # from further inside
            raise
        raise ExportError(
            f"The primitive {primitive!r} of {place} cannot be said in ONNX: {error.fact}.", hint=hint
        ) from None
    return made if isinstance(made, list) else [made]
