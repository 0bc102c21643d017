"""Seeded monthly pasts of many kinds, with what happened after them: forecasts are judged on them, never fitted to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEASON = 12
LONG_MONTHS = (66, 69, 80, 100, 116, 126, 134, 144)
SHORT_MONTHS = 47


def long_pasts(count: int, seed: int) -> list[Floats]:
    """Series of 66 to 144 months: bending trends, seasons in 62 of 100 (fixed or moving), steps, cycles, fat tails."""
    random = np.random.default_rng(seed)
    made: list[Floats] = []
    while len(made) < count:
        months = int(random.choice(LONG_MONTHS))
        level, noise = 10 ** random.uniform(3.0, 3.9), 10 ** random.uniform(-1.9, -0.55)
        multiplies = random.random() < 0.6
        log = _trend(random, months, noise) + _season(random, months)
        values = level * (np.exp(log) if multiplies else 1 + log)
        if level * 0.02 < values.min() and values.max() < level * 40:
            made.append(np.round(values, int(random.choice([0, 1]))))
    return made


def short_pasts(count: int, seed: int, ahead: int) -> tuple[Floats, Floats]:
    """Pasts (4 × count, 47) of 10 to 47 months, zeros before they begin, and the months after them (4 × count, ahead).

    A quarter each: cut from long ones; orders once a quarter; demand with gaps; a wandering level.
    """
    random = np.random.default_rng(seed)
    months = SHORT_MONTHS + ahead
    length = random.integers(10, SHORT_MONTHS + 1, 4 * count)
    long = [past[-months:] for past in long_pasts(2 * count, seed) if len(past) >= months][:count]
    whole = np.stack(
        [*long, *_rhythms(random, count, months), *_gaps(random, count, months), *_walks(random, count, months)]
    )
    past = np.maximum(whole, 0.0)
    begun = np.arange(SHORT_MONTHS)[None, :] >= SHORT_MONTHS - length[:, None]
    return past[:, :SHORT_MONTHS] * begun, past[:, SHORT_MONTHS:]


def _trend(random: np.random.Generator, months: int, noise: float) -> Floats:
    """(months,) level and trend on the logarithm, with autocorrelated noise, steps, a cycle and outliers."""
    step, drift = noise * 10 ** random.uniform(-1.0, 0.3), random.normal(0, 0.003)
    bend = 10 ** random.uniform(-4.5, -3.0) if random.random() < 0.45 else 0.0
    damping, echo = random.choice([0.98, 0.95, 0.9, 0.8]), random.uniform(-0.3, 0.6) if random.random() < 0.5 else 0.0
    cycle = random.uniform(0.02, 0.12) if random.random() < 0.15 else 0.0
    period, phase = random.uniform(30, 70), random.uniform(0, 6.3)
    level, slope, error, values = 0.0, drift, 0.0, np.zeros(months)
    for month in range(months):
        slope = drift + damping * (slope - drift) + bend * random.standard_normal()
        level += slope + step * random.standard_normal() + (random.normal(0, 0.2) if random.random() < 0.008 else 0.0)
        error = echo * error + noise * random.standard_t(4) / 1.41
        values[month] = level + error + cycle * np.sin(2 * np.pi * month / period + phase)
        values[month] += random.normal(0, 0.25) if random.random() < 0.004 else 0.0
    return values


def _season(random: np.random.Generator, months: int) -> Floats:
    """(months,) a season on the logarithm in 62 of 100, which moves in 40 of these; else 0."""
    if random.random() >= 0.62:
        return np.zeros(months)
    angle = 2 * np.pi * np.arange(SEASON) / SEASON
    shape = np.zeros(SEASON)
    for harmonic in range(1, int(random.integers(2, 5))):
        shape += random.normal() * np.sin(harmonic * angle) + random.normal() * np.cos(harmonic * angle)
    shape = (shape - shape.mean()) / max(float(shape.std()), 1e-9) * 10 ** random.uniform(-1.8, -0.5)
    moves = 0.12 * shape.std() if random.random() < 0.4 else 0.0
    steps = random.normal(0, 1, months) * moves
    drifted = [steps[month % SEASON : month + 1 : SEASON].sum() for month in range(months)]
    return np.asarray(shape[np.arange(months) % SEASON] + drifted)


def _rhythms(random: np.random.Generator, count: int, months: int) -> Floats:
    level = np.exp(random.normal(4, 1, (count, 1)))
    walk = np.cumsum(random.normal(0, 1, (count, months)) * 10 ** random.uniform(-2.3, -0.9, (count, 1)), axis=1)
    quarter = np.tile(np.exp(random.normal(0, 0.5, (count, 3))), -(-months // 3))[:, :months]
    return random.poisson(level * np.exp(walk) * quarter * random.gamma(8, 1 / 8, (count, months))).astype(np.float64)


def _gaps(random: np.random.Generator, count: int, months: int) -> Floats:
    level = np.exp(random.normal(-0.5, 0.7, (count, 1)) + np.cumsum(random.normal(0, 0.05, (count, months)), axis=1))
    orders = random.poisson(np.minimum(level, 20) * 0.5) * (1 + random.poisson(3, (count, months)))
    return np.where(random.random((count, months)) < 0.6, orders, 0).astype(np.float64)


def _walks(random: np.random.Generator, count: int, months: int) -> Floats:
    noise = 10 ** random.uniform(-1.5, -0.4, (count, 1))
    steps = random.normal(0, 1, (count, months)) * noise * random.uniform(0, 0.8, (count, 1))
    level = random.normal(5, 1, (count, 1)) + np.cumsum(steps, axis=1)
    return np.exp(level + random.normal(0, 1, (count, months)) * noise)
