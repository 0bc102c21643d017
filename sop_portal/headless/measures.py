"""How long each step took and how much memory the process had taken by its end."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Steps:
    """Seconds and peak memory per step, in the order in which the steps ran; a repeated name adds up its seconds."""

    seconds: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time the block; also when it raises, so that a stopped month still says where the time went."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
            self.peak_mib[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Return {step: {seconds, peak_mib}}, rounded for reading; peak_mib is the process's high-water mark so far."""
        return {
            name: {"seconds": round(spent, 3), "peak_mib": round(self.peak_mib[name], 1)}
            for name, spent in self.seconds.items()
        }
