"""`keras.callbacks`."""

from typing import Any

from lamina.callbacks.csv_logger import CSVLogger
from lamina.callbacks.early_stopping import EarlyStopping
from lamina.callbacks.lambda_callback import LambdaCallback
from lamina.callbacks.learning_rate_scheduler import LearningRateScheduler
from lamina.callbacks.model_checkpoint import ModelCheckpoint
from lamina.callbacks.monitor_callback import MonitorCallback
from lamina.callbacks.one_cycle import OneCycle
from lamina.callbacks.orbax_checkpoint import OrbaxCheckpoint
from lamina.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from lamina.callbacks.remote_monitor import RemoteMonitor
from lamina.callbacks.swap_ema_weights import SwapEMAWeights
from lamina.callbacks.tensorboard import TensorBoard
from lamina.callbacks.terminate_on_nan import TerminateOnNaN
from lamina.core.errors import UnknownAttributeError, suggestion
from lamina.training.backup_and_restore import BackupAndRestore
from lamina.training.events import CallbackList
from lamina.training.history import History
from lamina.training.hooks import Callback
from lamina.training.progress_logger import ProgbarLogger

__all__ = [
    *("BackupAndRestore", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback"),
    *("LearningRateScheduler", "ModelCheckpoint", "MonitorCallback", "OneCycle", "OrbaxCheckpoint"),
    *("ProgbarLogger", "ReduceLROnPlateau"),
    *("RemoteMonitor", "SwapEMAWeights", "TensorBoard", "TerminateOnNaN"),
]


def __getattr__(name: str) -> Any:
    raise UnknownAttributeError(f"lamina.callbacks has no {name!r}.", hint=suggestion(name, __all__))
