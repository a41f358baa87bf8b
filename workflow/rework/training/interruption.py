"""Stopping a training on request: Ctrl-C, a closed terminal, or what a cluster sends before it takes the machine."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self

EXIT_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


class Interrupted(Exception):  # noqa: N818 - it is a request, not an error
    """The training stopped because a signal asked for it, after writing its checkpoint."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.exit_status = EXIT_STATUS[number]


class StopRequest:
    """Records SIGINT, SIGTERM and SIGHUP while active, so that the loop can finish its step and write a checkpoint.

    A second signal does not wait for that: it raises ``KeyboardInterrupt`` at once.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._previous: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in EXIT_STATUS:
            # nohup lets a program ignore that its terminal was closed, and that stays so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)
