"""What `compile` makes of a model: its objective, its optimizer, and the way to its programs."""

from typing import Any

import jax
import numpy as np

from lamina import optimizers
from lamina.core import config
from lamina.core.errors import NotCompiledError
from lamina.core.hyperparameter import numbers_of
from lamina.core.seeds import SeedGenerator
from lamina.core.serialization import deserialize_keras_object, serialize_keras_object
from lamina.core.state import Binding, State, hyperparameter_owners
from lamina.core.structure import ProgramKey, structure_key
from lamina.core.symbolic import SymbolicTensor, infer
from lamina.core.tracebacks import public, warn_user
from lamina.core.tracking import structure_version
from lamina.core.variable import Variable
from lamina.layers.weights import unique
from lamina.metrics.metric import Metric
from lamina.training.history import History
from lamina.training.objective import Objective
from lamina.training.outputs import Outputs
from lamina.training.step import Learner
from lamina.training.steps import Steps, is_own, run_step


class Compiled(Steps):
    """The part of a model that knows what it is trained for."""

    # Set by fit and evaluate themselves, these are no part of a model's structure.
    _untracked = frozenset(
        {"history", "stop_training", "stop_evaluating", "stop_predicting"}
        | {"_learned", "_trained_since_compile", "compile_arguments"}
    )

    optimizer: Any = None
    objective: Objective | None = None
    history: History | None = None
    run_eagerly = False
    stop_training = stop_evaluating = stop_predicting = False
    _learned: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed in place
    _trained_since_compile: list[Variable] | None = None
    compile_arguments: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed in place

    # -- compile -----------------------------------------------------------------------------------------

    @public
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Says what to train for and how. Which weights are trained is fixed here, too.

        Args:
            optimizer: by name or as an object.
            loss: by name, as a function `(y_true, y_pred)` or as an object; by output if there are several.
            loss_weights: factors of the outputs' losses.
            metrics: names, functions or objects; one may stand alone.
            weighted_metrics: metrics that respect sample and class weights.
            run_eagerly: whether to run step by step in Python, for `print` and debuggers.
            steps_per_execution: accepted as Keras does; the loop is compiled anyway.
            jit_compile: accepted as Keras does; `False` means `run_eagerly`.
            auto_scale_loss: whether a model whose policy is `mixed_float16` gets its optimizer wrapped in a
                `LossScaleOptimizer`, lest small gradients become zero.

        Raises:
            UnknownNameError: for the name of no loss, metric or optimizer.
        """
        chosen = optimizers.get(optimizer)
        half = self.dtype_policy.name == "mixed_float16"  # type: ignore[attr-defined]
        if auto_scale_loss and half and not isinstance(chosen, optimizers.LossScaleOptimizer):
            chosen = optimizers.LossScaleOptimizer(chosen, name="loss_scale_optimizer")
        self.optimizer = chosen
        self.objective = Objective(loss, loss_weights, metrics, weighted_metrics)
        self.run_eagerly = bool(run_eagerly) or jit_compile is False
        self.compile_arguments = {
            **{"optimizer": self.optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics},
            **{"weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly},
            "steps_per_execution": steps_per_execution,
            "jit_compile": not run_eagerly if jit_compile == "auto" else jit_compile,
        }
        self.stop_training = False
        self._compilation = object()
        built = self.built  # type: ignore[attr-defined]
        self._trained_since_compile = list(self.trainable_variables) if built else None  # type: ignore[attr-defined]

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`, ready for JSON; nothing before it was called."""
        return serialize_keras_object(self.compile_arguments)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles the model as another was.

        Args:
            config: what `get_compile_config` returned, or Keras's.
        """
        if type(self).compile is not Compiled.compile:
            warn_user(
                f"{type(self).__name__} has a compile() of its own, so it is not compiled from the config. "
                "Call compile(), or override get_compile_config() and compile_from_config(config)."
            )
            return
        self.compile(**deserialize_keras_object(config))
        if self.built:  # type: ignore[attr-defined]
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.objective is not None

    @property
    def loss(self) -> Any:
        """The loss, as it was given to `compile`."""
        return None if self.objective is None else self.objective.given["loss"]

    def _trained_ids(self) -> frozenset[int]:
        """Which variables are trained: those that were trainable when `compile` was called."""
        fixed = self._trained_since_compile
        trained = self.trainable_variables if fixed is None else fixed  # type: ignore[attr-defined]
        return frozenset(id(variable) for variable in trained)

    def trained_variables(self) -> list[Variable]:
        """The weights that training changes, as `compile` fixed them."""
        trained = self._trained_ids()
        return [variable for variable in self.variables if id(variable) in trained]  # type: ignore[attr-defined]

    def __getstate__(self) -> dict[str, Any]:
        # A copy finds its programs by its structure.
        return {name: value for name, value in self.__dict__.items() if name != "_learned"}

    # -- metrics -----------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The tracker of the loss, the metrics of `compile`, and those that layers keep."""
        found = self._found()
        if "metrics" not in found:
            found["metrics"] = self._all_metrics()
        return list(found["metrics"])

    def _all_metrics(self) -> list[Any]:
        own = self.objective.all_metrics() if self.objective is not None else []
        kept = [metric for layer in self.flatten_layers() for metric in layer.own_metrics()]  # type: ignore[attr-defined]
        return list({id(metric): metric for metric in [*own, *kept]}.values())

    def log_names(self) -> list[str]:
        """The names of `metrics` in logs."""
        objective = self.objective
        own = {} if objective is None else dict(zip(map(id, objective.all_metrics()), objective.names(), strict=True))
        return [str(own.get(id(metric), metric.name)) for metric in self.metrics]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics` in logs."""
        return self.log_names()

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return unique([variable for metric in self.metrics for variable in metric.variables])

    def reset_metrics(self) -> None:
        """Starts all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The present values of all metrics, by name."""
        values: dict[str, Any] = {}
        for name, metric in zip(self.log_names(), self.metrics, strict=True):
            result = metric.result()
            values.update(result if isinstance(result, dict) else {name: result})
        return values

    # -- inside ------------------------------------------------------------------------------------------------------

    def _require_compiled(self, method: str) -> None:
        if self.objective is None:
            raise NotCompiledError(
                f"{method}() was called before compile().",
                hint="say what to train for first: model.compile(optimizer='adam', loss='mse').",
            )

    def _prepare_for(self, example: tuple[Any, Any, Any]) -> bool:
        """Builds what is not built yet, from the shapes of a batch; tells whether there was something to do."""
        x, y, _ = example
        assert self.objective is not None
        fresh = not self.built or not self.objective.resolved  # type: ignore[attr-defined]
        outputs = self.output_specs(x) if self.defines_call else {}  # type: ignore[attr-defined]
        if not self.objective.resolved:
            names = getattr(self, "output_names", None)
            self.objective.resolve(Outputs(outputs, names), jax.tree.map(_spec, y) if self.matches_targets else None)
        if self._trained_since_compile is None:
            self._trained_since_compile = list(self.trainable_variables)  # type: ignore[attr-defined]
        self.optimizer.build(self.trained_variables())
        if fresh:
            self._meet_own_steps(example)
        return fresh

    @property
    def matches_targets(self) -> bool:
        """Whether targets are for the outputs, one each; a step of the model's own may do with them what it likes."""
        assert self.objective is not None
        return is_own(self, "train_step") or not self.objective.is_empty

    def _meet_own_steps(self, example: tuple[Any, Any, Any]) -> None:
        """Traces steps that the model defines, so that what they use comes into being: slots, say."""
        data = jax.tree.map(lambda a: SymbolicTensor(a.shape, str(np.dtype(a.dtype)), name="data"), example)
        for name in ("train_step", "test_step"):
            if not is_own(self, name):
                infer(lambda data, name=name: run_step(self, name, data), data)

    def learner(self, purpose: str) -> tuple[Learner, ProgramKey]:
        """The model with its binding, and the key of its programs; found anew when the structure has changed.

        Args:
            purpose: `"fit"`, or `"call"` for programs that need no objective and no optimizer.
        """
        found = self._found()
        if purpose not in found:
            objective, optimizer = (self.objective, self.optimizer) if purpose == "fit" else (None, None)
            binding = self._bind(objective, optimizer)
            pads = self.all_rows_independent and (objective is None or self._measures_rows(objective))  # type: ignore[attr-defined]
            parts = (
                structure_key(self),
                None if objective is None else structure_key(objective.structure()),
                structure_key(optimizer),
                tuple(len(group) for group in binding.groups),
                tuple(any(v is p for p in binding.groups.params) for v in self.variables),  # type: ignore[attr-defined]
                found["version"][1:],
            )
            key = ProgramKey(parts, None if pads else self.__dict__.get("_compilation"))
            found[purpose] = Learner(self, objective, optimizer, binding, pads=pads), key
        return found[purpose]

    def _found(self) -> dict[str, Any]:
        """What was found out from the structure, for as long as it stays as it is."""
        version = (structure_version(), config.floatx(), config.epsilon())
        if self._learned.get("version") != version:
            self._learned = {"version": version}
        return self._learned

    def _measures_rows(self, objective: Objective) -> bool:
        """Whether losses and metrics are lamina's own, which leave padded rows out."""
        own = is_own(self, "train_step", "test_step", "learn_from", "look_at", "compute_loss", "compute_metrics")
        return own and objective.row_independent

    def _bind(self, objective: Objective | None, optimizer: Any) -> Binding:
        trained = self._trained_ids()
        below = [node for _, node in self.walk()]  # type: ignore[attr-defined]
        seeds = unique([node.state for node in below if isinstance(node, SeedGenerator)])
        metrics = unique([*self.metrics_variables, *_variables_of(below, Metric)])
        slots = unique(
            [*([] if optimizer is None else optimizer.variables), *_variables_of(below, optimizers.Optimizer)]
        )
        apart = {id(variable) for variable in [*seeds, *metrics, *slots]}
        weights = [v for v in self.variables if id(v) not in apart]  # type: ignore[attr-defined]
        groups = State(
            params=tuple(v for v in weights if id(v) in trained),
            frozen=tuple(v for v in weights if id(v) not in trained and v.made_trainable),
            stats=tuple(v for v in weights if id(v) not in trained and not v.made_trainable),
            seeds=tuple(seeds),
            metrics=tuple(metrics) if objective is not None else (),
            slots=tuple(slots) if objective is not None else (),
        )
        owners = hyperparameter_owners([self, objective, optimizer])  # type: ignore[list-item]
        return Binding(groups, [owner for owner in owners if numbers_of(owner)])


def _variables_of(nodes: list[Any], kind: type) -> list[Variable]:
    return [variable for node in nodes if isinstance(node, kind) for variable in node.variables]


def _spec(array: Any) -> SymbolicTensor:
    return SymbolicTensor((None, *array.shape[1:]), str(np.dtype(array.dtype)), name="target")
