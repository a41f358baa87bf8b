"""The update that ends a training step."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from rework.settings.run import ClipSettings

Kernel = Callable[[list[Tensor]], None]


class Updates:
    """Updates the parameters of an optimiser and drops their gradients.

    Around its kernel, an optimiser's own ``step`` sorts the tensors anew, looks for hooks and reports to the profiler,
    which costs a small network more than the kernel: a step of nist36's MLP is 1.3 times as fast without. So the
    optimiser makes its state in its own first step, and then, on a CPU, its fused kernel is called directly: the same
    arithmetic on the same tensors, and the same bytes.

    Args:
        optimiser: one of ``rework.training.optimisers``; learning rates and state stay its own. Where its state is
            replaced, make this anew.
        clip: limits of the gradients.
    """

    def __init__(self, optimiser: torch.optim.Optimizer, clip: ClipSettings) -> None:
        self._optimiser = optimiser
        self._clip = clip
        self._parameters: list[nn.Parameter] = [
            parameter for group in optimiser.param_groups for parameter in group["params"]
        ]
        self._kernels: list[tuple[list[nn.Parameter], Kernel]] | None = None

    @torch.no_grad()
    def __call__(self) -> None:
        """Update the parameters once."""
        self._limit_gradients()
        missing = any(parameter.grad is None for parameter in self._parameters)
        if self._kernels is None or missing:
            self._optimiser.step()
            self._kernels = None if missing else self._direct()
        else:
            for parameters, kernel in self._kernels:
                kernel([parameter.grad for parameter in parameters])  # type: ignore[misc]  # none is missing
        for parameter in self._parameters:
            parameter.grad = None

    def _limit_gradients(self) -> None:
        if self._clip.value is not None:
            nn.utils.clip_grad_value_(self._parameters, self._clip.value)
        if self._clip.norm is not None:
            nn.utils.clip_grad_norm_(self._parameters, self._clip.norm)

    def _direct(self) -> list[tuple[list[nn.Parameter], Kernel]] | None:
        """Return the kernel of each group with its parameters, or None where the optimiser goes on by itself."""
        groups = self._optimiser.param_groups
        if not all(group.get("fused") for group in groups) or any(one.device.type != "cpu" for one in self._parameters):
            return None
        kernel = _fused_adam if isinstance(self._optimiser, torch.optim.Adam) else _fused_sgd
        return [(group["params"], kernel(group, self._optimiser.state)) for group in groups]


def _fused_adam(group: dict[str, Any], state: dict[Tensor, Any]) -> Kernel:
    """Return the kernel of a group of Adam's, as ``torch.optim.Adam`` calls it."""
    parameters = group["params"]
    states = [state[parameter] for parameter in parameters]
    steps = [one["step"] for one in states]
    means, squares = [one["exp_avg"] for one in states], [one["exp_avg_sq"] for one in states]
    largest = [one["max_exp_avg_sq"] for one in states] if group["amsgrad"] else []
    beta1, beta2 = group["betas"]

    def update(gradients: list[Tensor]) -> None:
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            *(parameters, gradients, means, squares, largest, steps),
            lr=group["lr"],
            beta1=beta1,
            beta2=beta2,
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            amsgrad=group["amsgrad"],
            maximize=False,
        )

    return update


def _fused_sgd(group: dict[str, Any], state: dict[Tensor, Any]) -> Kernel:
    """Return the kernel of a group of SGD's, as ``torch.optim.SGD`` calls it after the first step."""
    parameters = group["params"]
    momenta = [state[parameter]["momentum_buffer"] for parameter in parameters] if group["momentum"] else []

    def update(gradients: list[Tensor]) -> None:
        torch._fused_sgd_(
            *(parameters, gradients, momenta),
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            momentum=group["momentum"],
            dampening=group["dampening"],
            nesterov=group["nesterov"],
            maximize=False,
            is_first_step=False,
        )

    return update
