"""Every error lamina raises on purpose.

    LaminaError
    ├── ArgumentError          ValueError      a value no argument table allows
    ├── ArgumentTypeError      TypeError       (and ValueError) an argument of a kind that it cannot be of
    ├── UnexpectedArgumentError TypeError      (and ValueError) an argument that does not exist
    ├── UnknownNameError       ValueError      "adamm" where a name of lamina's is meant
    ├── UnknownAttributeError  AttributeError  layers.Dens
    ├── ReservedNameError      AttributeError  an attribute is set or changed that a class keeps for itself
    ├── ShapeError             ValueError      a layer or loss got a shape it cannot take
    ├── DataError              ValueError      faults in x, y or weights, found before the first step
    ├── NotBuiltError          ValueError      weights are needed and do not exist yet
    ├── NotAdaptedError        RuntimeError    (and ValueError) a layer needs adapt() before it is called
    ├── NotCalledError         AttributeError  (and ValueError) a layer has no input before it is called in a graph
    ├── NotCompiledError       ValueError      training is asked for before compile()
    ├── UnboundVariableError   RuntimeError    a compiled step reads a variable that nobody owns
    ├── InvalidLossError       RuntimeError    the loss is NaN or infinite, and training was to stop then
    ├── LoanError              RuntimeError    a second trainer wants state that is lent out
    ├── ScheduledError         TypeError       a number is set that a schedule tells
    ├── DataDependentError     TypeError       Python control flow on a value that is not known yet
    ├── DownloadError          OSError         a file that cannot be had, or is not what it should be
    ├── FileError              OSError         a file that cannot be written or read
    │   └── MissingFolderError FileNotFoundError  nor can it be made, since its folder is missing
    ├── LoadError              ValueError      a file holds what lamina cannot make a model or weights of
    │   ├── MissingFileError   FileNotFoundError  there is no such file
    │   └── UnsafeFileError                    or what a file of a stranger should not hold
    ├── ExportError            ValueError      a model holds what a format for other programs has no words for
    ├── MissingLogError        KeyError        a name that is not among the logs of an epoch
    └── MissingExtraError      ImportError     an optional package is not installed

Each says what was given, what was expected and where; the hint says what to do.
The builtin type that Keras raises in the same place stays catchable.
"""

import difflib
from collections.abc import Callable, Iterable


class LaminaError(Exception):
    r"""Base of lamina's errors: one sentence of fact, then a hint.

    Args:
        fact: what was given, what was expected, and where.
        hint: what to do about it, shown on a line of its own; or a function that works it out, for
            errors that are mostly caught and never shown.

    Example:
        >>> str(LaminaError("x has 3 rows, y has 2.", hint="pass as many targets as inputs."))
        'x has 3 rows, y has 2.\n\nhint: pass as many targets as inputs.'
    """

    def __init__(self, fact: str, *, hint: str | Callable[[], str] | None = None) -> None:
        super().__init__(fact)
        self.fact = fact
        self._hint = hint

    @property
    def hint(self) -> str | None:
        """What to do about it."""
        return self._hint() if callable(self._hint) else self._hint

    def __str__(self) -> str:
        return self.fact if self._hint is None else f"{self.fact}\n\nhint: {self.hint}"


class ArgumentError(LaminaError, ValueError):
    """An argument has a value that it cannot have."""


class ArgumentTypeError(LaminaError, TypeError, ValueError):
    """An argument is of another kind than it can be of."""


class UnexpectedArgumentError(LaminaError, TypeError, ValueError):
    """An argument does not exist."""


class UnknownNameError(LaminaError, ValueError):
    """A string names no loss, metric, optimizer, activation or class of lamina's."""


class UnknownAttributeError(LaminaError, AttributeError):
    """A module or object has no such name."""


class ReservedNameError(LaminaError, AttributeError):
    """An attribute is set, or changed, that a class keeps for itself."""


class ShapeError(LaminaError, ValueError):
    """A shape does not fit."""


class DataError(LaminaError, ValueError):
    """The data cannot be trained on as they are."""


class NotBuiltError(LaminaError, ValueError):
    """Weights are needed that have not been created yet."""


class NotAdaptedError(NotBuiltError, RuntimeError):
    """A layer that learns from data with `adapt` has not seen any."""


class NotCalledError(NotBuiltError, AttributeError):
    """A layer that was not called in a graph has no input and no output."""


class NotCompiledError(LaminaError, ValueError):
    """The model has no loss or optimizer yet."""


class UnboundVariableError(LaminaError, RuntimeError):
    """A compiled step touched a variable that belongs to no layer of the model."""


class InvalidLossError(LaminaError, RuntimeError):
    """The loss has become NaN or infinite."""


class LoanError(LaminaError, RuntimeError):
    """The state of a model is in use by another call of `fit`."""


class ScheduledError(LaminaError, TypeError):
    """A number is to be set that follows a schedule."""


class DataDependentError(LaminaError, TypeError):
    """Python control flow depends on a value that is known only when the program runs."""


class DownloadError(LaminaError, OSError):
    """A file could not be fetched, or is not the one that was expected."""


class FileError(LaminaError, OSError):
    """A file cannot be written or read."""


class MissingFolderError(FileError, FileNotFoundError):
    """A file cannot be made where there is no folder."""


class LoadError(LaminaError, ValueError):
    """A file does not hold what was asked for, or holds it damaged."""


class MissingFileError(LoadError, FileNotFoundError):
    """There is no file to load."""


class UnsafeFileError(LoadError):
    """A file asks for what files are not trusted with: to run code, to read other files, to take huge memory."""


class ExportError(LaminaError, ValueError):
    """A model cannot be written in a format for other programs."""


class MissingLogError(LaminaError, KeyError):
    """The logs of an epoch have no such name."""


class MissingExtraError(LaminaError, ImportError):
    """An optional dependency is not installed."""


def nearest(name: object, candidates: Iterable[str], count: int = 3) -> list[str]:
    """The candidates that look most like `name`, best first.

    Example:
        >>> nearest("ephocs", ["epochs", "batch_size", "callbacks"])
        ['epochs']
    """
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=count, cutoff=0.6)
    return [by_lower[match] for match in found]


def suggestion(name: object, candidates: Iterable[str]) -> str:
    """A hint that names what was probably meant, or else lists what there is.

    Example:
        >>> suggestion("Dens", ["Dense", "Dropout"])
        'did you mean Dense?'
    """
    candidates = sorted(candidates)
    close = nearest(name, candidates)
    if close:
        return f"did you mean {' or '.join(close)}?"
    shown = ", ".join(candidates[:40])
    return f"choose from: {shown}{', …' if len(candidates) > 40 else ''}."


def missing_extra(extra: str, package: str, purpose: str) -> MissingExtraError:
    """The error for an optional package that is not installed."""
    return MissingExtraError(
        f"{purpose} needs the package {package!r}, which is not installed.",
        hint=f'install it with: pip install "lamina[{extra}]"',
    )
