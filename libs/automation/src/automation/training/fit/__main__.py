"""Ridge logistic regression over levels: `python -m automation.training.fit SEED`.

Reads rows from its standard input, writes the result to its standard output and ends, so that what
fitting takes, memory above all, is gone with it. Same rows and seed, same model, byte by byte:
folds go by hash, the solver starts at zero, one thread adds up, and weights are rounded where they
are written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from automation.scoring.model import Model, RuleWeight, Sigmoid
from automation.training.challenge import RankingModel, among_explored, standing_of, task_of
from automation.training.dataset import Dataset
from automation.training.evaluation import (
    LAST_SHARE,
    Judged,
    LastWeeks,
    Told,
    Verdict,
    bands,
    brier,
    compared,
    measured,
    too_little,
    verdict_of,
)
from automation.training.folds import Places, fewer, out_of_fold
from automation.training.training_result import TrainingResult, result_json
from automation.training.vocabulary import Vocabulary, vocabulary_of

STRENGTHS = (0.01, 0.03, 0.1, 0.3)
"""Of the penalty's inverse: from hardly anything is believed to nearly what the data say."""
FOLDS, INNER_FOLDS = 5, 3
_CHOSEN_ONCE = 2_000
"""Rows from which on one penalty does for all folds: that it was chosen by them as well no longer
shows, and to choose it in each takes most of the time."""
_UNPENALISED = 1e4
_OUTCOMES = (0.0, 1.0)

Matrix = Any
"""Of numpy, which only the training knows."""
Predict = Callable[[Matrix], Matrix]


@dataclass(frozen=True, kw_only=True)
class _Table:
    """The rows as numbers; the last column is the rules' score."""

    rows: Matrix
    accepted: Matrix
    weights: Matrix
    folds: Matrix

    def at(self, places: Matrix) -> _Table:
        return _Table(
            rows=self.rows[places],
            accepted=self.accepted[places],
            weights=self.weights[places],
            folds=self.folds[places],
        )


def train(
    dataset: Dataset, *, seed: int, rules: str = "", champion: RankingModel | None = None
) -> TrainingResult:
    """Learn a model of these rules and judge it; none where there is nothing to learn from."""
    if (early := too_little(dataset)) is not None:
        return TrainingResult.of(early, measured(dataset))
    vocabulary = vocabulary_of(dataset)
    table = _table(dataset, vocabulary, seed)
    if not vocabulary.levels and np.ptp(table.rows[:, -1]) == 0:
        return TrainingResult.of(Verdict.NOTHING_TO_TELL_APART, measured(dataset))
    # What is in the table is checked as it is built, not again in each of a hundred fits.
    with (
        threadpool_limits(limits=1),
        config_context(assume_finite=True, skip_parameter_validation=True),
    ):
        by_model = _out_of_fold(table, _ridge_of(table))
        by_rules = _out_of_fold(table, _rules_alone)
        judged = _judged(dataset, _chances(by_model), _chances(by_rules))
        said = _chances(by_model).tolist()
        evaluation = measured(
            dataset,
            compared(judged),
            _last_weeks(dataset, seed),
            explored=among_explored(dataset, judged),
            champion=None if champion is None else standing_of(champion, dataset, said, _slope),
        )
        sigmoid = _sigmoid(by_model, table.accepted, table.weights)
        verdict = verdict_of(evaluation)
        if sigmoid.slope <= 0:
            # Out of fold those of whom more was expected accepted less.
            return TrainingResult.of(Verdict.NOT_BETTER, evaluation)
        model = replace(_model(table, vocabulary, sigmoid), rules=rules)
        return TrainingResult.of(verdict, evaluation, model)


def _table(dataset: Dataset, vocabulary: Vocabulary, seed: int) -> _Table:
    place = {column: index for index, column in enumerate(vocabulary.columns)}
    rows = np.zeros((len(dataset.rows), len(place) + 1))
    for index, row in enumerate(dataset.rows):
        for name in vocabulary.levels:
            # Who has a level that nobody had of those learned from counts as the average.
            if (column := place.get((name, vocabulary.level(row, name)))) is not None:
                rows[index, column] = 1.0
        rows[index, -1] = row.rule_score
    return _Table(
        rows=rows,
        accepted=np.array([row.accepted for row in dataset.rows], dtype=float),
        weights=np.array(dataset.weights),
        folds=np.array(dataset.folds(FOLDS, seed)),
    )


@dataclass(frozen=True, kw_only=True)
class _Ridge:
    """A fit: weights for columns centred at what the rows have on average."""

    means: Matrix
    scales: Matrix
    weights: Matrix
    intercept: float

    def __call__(self, rows: Matrix) -> Matrix:
        return (rows - self.means) / self.scales @ self.weights + self.intercept


def _ridge(table: _Table, strength: float) -> _Ridge:
    """Fit; where all are alike, or all came to the same, everybody's average is said of each."""
    means = np.average(table.rows, axis=0, weights=table.weights)
    # Levels keep their unit, so the penalty is the same for each; points get one.
    scales = np.ones(table.rows.shape[1])
    spread = float(np.std(table.rows[:, -1]))
    scales[-1] = spread if spread > 0 else 1.0
    if len(np.unique(table.accepted)) < len(_OUTCOMES) or not np.ptp(table.rows, axis=0).any():
        chance = (table.weights @ table.accepted + 1) / (table.weights.sum() + 2)
        return _Ridge(
            means=means,
            scales=scales,
            weights=np.zeros(len(means)),
            intercept=float(np.log(chance / (1 - chance))),
        )
    fitted = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-6, max_iter=200)
    fitted.fit((table.rows - means) / scales, table.accepted, sample_weight=table.weights)
    return _Ridge(
        means=means,
        scales=scales,
        weights=fitted.coef_[0],
        intercept=float(fitted.intercept_[0]),
    )


def _ridge_of(table: _Table) -> Callable[[_Table], Predict]:
    """How each fold's part is fitted: with a penalty of its own, unless there are many rows."""
    if len(table.accepted) < _CHOSEN_ONCE:
        return lambda part: _ridge(part, _strength(part))
    strength = _strength(table)
    return lambda part: _ridge(part, strength)


def _rules_alone(table: _Table) -> Predict:
    """What the customer's points say, with the probabilities that they came with so far."""
    ridge = _ridge(replace(table, rows=table.rows[:, -1:]), _UNPENALISED)
    return lambda rows: ridge(rows[:, -1:])


def _strength(table: _Table) -> float:
    """The penalty with the least loss out of fold; of equals the stronger one."""
    inner = replace(table, folds=np.array(fewer(table.folds.tolist(), INNER_FOLDS)))
    losses = [
        _losses(_out_of_fold(inner, partial(_ridge, strength=c)), table.accepted) for c in STRENGTHS
    ]
    means = [float(np.average(found, weights=table.weights)) for found in losses]
    return STRENGTHS[int(np.argmin(means))]


def _out_of_fold(table: _Table, fit: Callable[[_Table], Predict]) -> Matrix:
    """For each row the log odds by a fit that has not seen its company."""

    def say(learned: Places, held: Places) -> Sequence[float]:
        told: Sequence[float] = fit(table.at(learned))(table.rows[held]).tolist()
        return told

    return np.array(out_of_fold(table.folds.tolist(), say))


def _losses(log_odds: Matrix, accepted: Matrix) -> Matrix:
    return np.logaddexp(0.0, log_odds) - accepted * log_odds


def _chances(log_odds: Matrix) -> Matrix:
    return 1.0 / (1.0 + np.exp(-log_odds))


def _slope(told: Sequence[Told]) -> float:
    """How what came follows what was said; 0 where the same was said of everybody."""
    said = np.clip([each.said for each in told], 1e-6, 1 - 1e-6)
    accepted = np.array([each.accepted for each in told], dtype=float)
    weights = np.array([each.weight for each in told])
    return _sigmoid(np.log(said / (1 - said)), accepted, weights).slope


def _sigmoid(log_odds: Matrix, accepted: Matrix, weights: Matrix) -> Sigmoid:
    """Slope and intercept of what came on what was said."""
    if np.ptp(log_odds) == 0 or len(np.unique(accepted)) < len(_OUTCOMES):
        return Sigmoid(slope=0.0, intercept=0.0)
    fitted = LogisticRegression(C=_UNPENALISED, solver="newton-cholesky", tol=1e-6, max_iter=200)
    fitted.fit(log_odds[:, None], accepted, sample_weight=weights)
    return Sigmoid(slope=float(fitted.coef_[0][0]), intercept=float(fitted.intercept_[0]))


def _last_weeks(dataset: Dataset, seed: int) -> LastWeeks | None:
    """A model of the weeks before, held against the last ones; `None` where that cannot be.

    One company, or one outcome, is nothing to tell people apart by.
    """
    first = dataset.last_weeks(LAST_SHARE)
    if first is None:
        return None
    before, after = dataset.parted(first)
    if not before.teaches or not after.teaches:
        return None
    vocabulary = vocabulary_of(before)
    old, new = _table(before, vocabulary, seed), _table(after, vocabulary, seed)
    strength = _strength(old)
    out_of_fold = _out_of_fold(old, lambda part: _ridge(part, strength))
    calibration = _sigmoid(out_of_fold, old.accepted, old.weights)
    said = calibration.slope * _ridge(old, strength)(new.rows) + calibration.intercept
    by_rules = _chances(_rules_alone(old)(new.rows))
    found = _sigmoid(said, new.accepted, new.weights)
    told = _told(_chances(said), new)
    return LastWeeks(
        first_week=first,
        people=len(after.rows),
        slope=found.slope,
        intercept=found.intercept,
        brier=brier(told),
        rules_brier=brier(_told(by_rules, new)),
        bands=bands(told),
    )


def _told(chances: Matrix, table: _Table) -> list[Told]:
    people = zip(
        chances.tolist(), (table.accepted > 0).tolist(), table.weights.tolist(), strict=True
    )
    return [Told(said=said, accepted=accepted, weight=weight) for said, accepted, weight in people]


def _judged(dataset: Dataset, by_model: Matrix, by_rules: Matrix) -> Sequence[Judged]:
    told: Iterable[tuple[Any, float, float, float]] = zip(
        dataset.rows, dataset.weights, by_model.tolist(), by_rules.tolist(), strict=True
    )
    return [
        Judged(
            group=row.group, weight=weight, accepted=row.accepted, by_model=model, by_rules=rules
        )
        for row, weight, model, rules in told
    ]


def _model(table: _Table, vocabulary: Vocabulary, calibration: Sigmoid) -> Model:
    """Fit on all rows; each feature's weights are shifted so that they average to zero."""
    fitted = _ridge(table, _strength(table))
    weights: dict[str, dict[str, float]] = {name: {} for name in vocabulary.levels}
    shares = np.average(table.rows, axis=0, weights=table.weights)
    for index, (name, level) in enumerate(vocabulary.columns):
        same = [i for i, (other, _) in enumerate(vocabulary.columns) if other == name]
        middle = float(shares[same] @ fitted.weights[same])
        weights[name][level] = float(fitted.weights[index]) - middle
    return Model(
        intercept=fitted.intercept,
        weights=weights,
        rule=RuleWeight(
            weight=float(fitted.weights[-1]),
            mean=float(fitted.means[-1]),
            spread=float(fitted.scales[-1]),
        ),
        calibration=calibration,
    )


if __name__ == "__main__":
    task = task_of(sys.stdin.read())
    learned = train(task.dataset, seed=int(sys.argv[1]), rules=task.rules, champion=task.champion)
    sys.stdout.write(result_json(learned))
