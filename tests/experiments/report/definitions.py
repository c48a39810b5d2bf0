"""The figures of a report by their definitions in docs/metrics.md and docs/statistics.md, computed from what a run
wrote (incumbents.csv, trials.csv, and results.sqlite for the totals of a search), by other means than the program's:
sums over lists, all signs of a signed-rank test, scipy's distributions and tests.

    definitions.py RESULTS TARGETS    TARGETS: JSON, the target of each problem
prints JSON: for each problem its figures by strategy and metric as [value, low, high], and all else of the board."""

import csv
import itertools
import json
import math
import sqlite3
import sys
from pathlib import Path

import numpy
from scipy import stats

KILOWATT_HOUR = 3.6e6


class Search:
    """One search: points (kg, value) of its incumbents, totals, and the carbon of training its winner once."""

    def __init__(self, seed):
        self.seed, self.points, self.kg, self.kwh, self.usd = seed, [], 0.0, 0.0, 0.0
        self.hours = self.evaluations = 0.0
        self.training = self.end = None  # end: the value that counts
        self.losses, self.uses = [], {}

    @property
    def found(self):
        return bool(self.points)


class Board:
    def __init__(self, facts):
        self.name, self.default, self.optimum = facts["problem"], facts["default_value"], facts["optimum"]
        self.sign = 1.0 if facts["direction"] == "maximise" else -1.0
        self.objective = facts["objective"]
        self.trainings = facts["deployment"]["trainings"]
        self.directions = [o["direction"] for o in facts["front"]["objectives"]] if "front" in facts else []
        self.searches = {}  # by strategy
        self.order = []     # the leader first

    def gain(self, value):
        return self.sign * (value - self.default)

    def ends(self, strategy):
        return [search.end for search in self.searches[strategy]]

    def all(self):
        return [search for searches in self.searches.values() for search in searches]


# ---- What was recorded


def read_totals(folder, boards):
    """Cells of the store: seed, totals by the ledger without the final training, carbon of one training."""
    store = sqlite3.connect(f"file:{folder}/results.sqlite?mode=ro", uri=True)
    problems = dict(store.execute("SELECT problem, label FROM problems"))
    strategies = dict(store.execute("SELECT strategy, label FROM strategies"))
    cells = {}
    for cell, problem, strategy, seed, makespan, operational, embodied in store.execute(
            "SELECT cell, problem, strategy, seed, makespan_s, training_operational_kg, training_embodied_kg FROM cells"):
        search = cells[cell] = Search(seed)
        search.hours = makespan / 3600.0
        search.training = None if operational is None else operational + embodied
        search.default = boards[problems[problem]].default
        boards[problems[problem]].searches.setdefault(strategies[strategy], []).append(search)
    for cell, joule, operational, embodied, usd in store.execute(
            "SELECT cell, energy_j, operational_kg, embodied_kg, usd FROM ledger WHERE account <> 'retraining'"):
        cells[cell].kg += operational + embodied
        cells[cell].kwh += joule / KILOWATT_HOUR
        cells[cell].usd += usd
    for cell, side, operational, embodied in store.execute(
            "SELECT cell, side, training_operational_kg, training_embodied_kg FROM payback"):
        if operational is not None:
            cells[cell].uses[side] = operational + embodied
    store.close()
    return cells


def read_boards(folder):
    summary = json.loads((folder / "summary.json").read_text())
    boards = {facts["problem"]: Board(facts) for facts in summary["leaderboards"]}
    cells = read_totals(folder, boards)
    with open(folder / "incumbents.csv", newline="") as table:
        for row in csv.DictReader(table):
            kg = float(row["operational_kg"]) + float(row["embodied_kg"])
            cells[int(row["cell"])].points.append((kg, float(row["true_value"])))
    with open(folder / "trials.csv", newline="") as table:
        for row in csv.DictReader(table):
            search, board = cells[int(row["cell"])], boards[row["problem"]]
            search.evaluations += 1
            if row["status"] == "completed" and board.directions:
                values = [float(row["objective"])] + [float(v) for v in row["objectives"].split(";")]
                search.losses.append(tuple(-v if d == "maximise" else v for v, d in zip(values, board.directions)))
    for board in boards.values():
        for search in board.all():
            search.end = search.points[-1][1] if search.found else board.default
        for searches in board.searches.values():
            searches.sort(key=lambda search: search.seed)
        board.order = sorted(board.searches, key=lambda s: (-board.sign * mean(board.ends(s)), kilograms(board, s)))
    return boards


# ---- Means


def mean(values):
    return math.fsum(values) / len(values)


def kilograms(board, strategy):
    return mean([search.kg for search in board.searches[strategy]])


def t_interval(values):
    error = math.sqrt(math.fsum((v - mean(values)) ** 2 for v in values) / (len(values) - 1) / len(values))
    half = stats.t.ppf(0.975, len(values) - 1) * error
    return [mean(values), mean(values) - half, mean(values) + half]


def ratio(a, b):
    """Cochran 1977, section 6.3."""
    r, n = sum(a) / sum(b), len(a)
    error = math.sqrt(sum((x - r * y) ** 2 for x, y in zip(a, b)) / (n - 1) / n) / mean(b)
    half = stats.t.ppf(0.975, n - 1) * error
    return [r, r - half, r + half]


def interquartile_mean(values):
    """Each value weighs what of it lies between the quarters of the whole."""
    n = len(values)
    weights = [max(0.0, min(k + 1, 0.75 * n) - max(k, 0.25 * n)) for k in range(n)]
    return sum(w * v for w, v in zip(weights, sorted(values))) / sum(weights)


def deviate(n):
    return math.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1)


def bca(values, statistic):
    """scipy's BCa at the level whose normal quantile is the expanded t."""
    level = 1.0 - 2.0 * stats.norm.sf(deviate(len(values)))
    result = stats.bootstrap((numpy.array(values),), statistic, confidence_level=level, n_resamples=20000,
                             method="BCa", random_state=numpy.random.default_rng(1))
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def middle_of_rows(values, axis=-1):  # for a multiple of 4
    n = values.shape[axis]
    return numpy.sort(values, axis=axis).take(range(n // 4, n - n // 4), axis=axis).mean(axis=axis)


# ---- Over cost


def value_at(search, kg):
    if not search.found:
        return search.default
    values = [value for cost, value in search.points if cost <= kg]
    return values[-1] if values else None


def begin_of(searches):
    return max((s.points[0][0] for s in searches if s.found), default=None)


def common_range(board):
    """From where the last strategy begins to where the first search with a winner ends."""
    begins = [begin for begin in map(begin_of, board.searches.values()) if begin is not None]
    return max(begins), min(s.kg for s in board.all() if s.found)


def over_log(search, low, high):
    steps = [low] + [kg for kg, _ in search.points if low < kg < high] + [high]
    area = sum(value_at(search, a) * math.log(b / a) for a, b in zip(steps, steps[1:]))
    return area / math.log(high / low)


def hypervolume_of_value(board, search, width, height):
    """Columns between neighbouring costs, each as high as the best value so far."""
    steps = [0.0] + [kg for kg, _ in search.points] + [width]
    volume = 0.0
    for a, b in zip(steps, steps[1:]):
        best = max([board.gain(value) for kg, value in search.points if kg <= a], default=0.0)
        volume += max(0.0, min(best, height)) * (b - a)
    return volume / (width * height)


def worth_until(board, searches, threshold):
    begin = begin_of(searches)
    costs = sorted({kg for s in searches for kg, _ in s.points if kg >= begin}) if begin is not None else []
    net = [(mean([board.gain(value_at(s, c)) for s in searches]) - threshold * c, -c) for c in costs]
    best = max(net, default=(0.0, 0.0))
    return -best[1] if best[0] > 0.0 else None


def attainment(board, searches, part):
    """Corners (kg, value) of what that part of the searches has or better."""
    corners = []
    needed = math.ceil(part * len(searches))
    for kg in sorted({kg for s in searches for kg, _ in s.points}):
        best = sorted((max(board.sign * v for c, v in s.points if c <= kg)
                       for s in searches if s.found and s.points[0][0] <= kg), reverse=True)
        if len(best) >= needed and (not corners or corners[-1][1] != board.sign * best[needed - 1]):
            corners.append((kg, board.sign * best[needed - 1]))
    return corners


def logarithmic(low, high, count):
    return [low * (high / low) ** (i / (count - 1)) for i in range(count - 1)] + [high]


def curves(board):
    """On kg: the mean and its t interval of each strategy, from where the first one begins to the longest end."""
    begins = [begin for begin in map(begin_of, board.searches.values()) if begin is not None]
    costs = logarithmic(min(begins), max(s.kg for s in board.all()), 60)
    series = {}
    for strategy, searches in board.searches.items():
        rows = [[value_at(s, c) for s in searches] for c in costs]
        series[strategy] = [None if None in row else t_interval(row) for row in rows]
    return {"kg": costs, "series": series}


def ranks(board):
    low, high = common_range(board)
    costs = logarithmic(low, high, 40)
    lines = {strategy: [] for strategy in board.searches}
    for c in costs:
        table = [[-board.sign * value_at(s, c) for s in searches] for searches in board.searches.values()]
        of_seeds = stats.rankdata(numpy.array(table), axis=0).mean(axis=1)
        for strategy, rank in zip(lines, of_seeds):
            lines[strategy].append(float(rank))
    return {"kg": costs, "mean": lines}


# ---- Pairs and the verdict


def wilcoxon(differences):
    """All signs of the ranks; without ties scipy's exact test must say the same."""
    d = [0.0 if abs(x) < 1e-9 else round(x, 9) for x in differences]
    d = [x for x in d if x != 0.0]
    if not d:
        return 1.0
    rank = stats.rankdata(numpy.abs(d))
    seen = min(rank[numpy.array(d) > 0].sum(), rank[numpy.array(d) < 0].sum())
    signs = numpy.array(list(itertools.product([0, 1], repeat=len(d))))
    p = min(1.0, 2.0 * float(numpy.mean(signs @ rank <= seen + 1e-9)))
    if len(set(rank)) == len(d) and len(d) == len(differences):
        assert abs(p - stats.wilcoxon(d, mode="exact").pvalue) < 1e-12
    return p


def holm(p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, most = [0.0] * len(p), 0.0
    for k, i in enumerate(order):
        most = max(most, min(1.0, (len(p) - k) * p[i]))
        adjusted[i] = most
    return adjusted


def wilson(successes, n):
    z, part = stats.norm.ppf(0.975), successes / n
    middle, half = part + z * z / (2 * n), z * math.sqrt(part * (1 - part) / n + z * z / (4 * n * n))
    return [part, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)]


def least_seeds(tests):
    return next(n for n in range(1, 99) if tests * 2.0 / 2**n < 0.05)


def seeds_wanted(values, tests):
    if mean(values) == 0.0:
        return None
    z, d = stats.norm.ppf(1 - 0.025 / tests), abs(mean(values)) / numpy.std(values, ddof=1)
    wanted = math.ceil(((z + stats.norm.ppf(0.8)) / d) ** 2 / (3 / math.pi) + z * z / 2)
    return max(wanted, least_seeds(tests), len(values) + 1)


def seeds_wanted_by_p(p, seeds, tests):
    if p >= 0.5:
        return None
    z = stats.norm.ppf(1 - 0.025 / tests)
    wanted = math.ceil(seeds * ((z + stats.norm.ppf(0.8)) / stats.norm.isf(p)) ** 2)
    return max(wanted, least_seeds(tests), seeds + 1)


def pairs(board):
    result, tests = [], len(board.order) * (len(board.order) - 1) // 2
    for first, second in itertools.combinations(board.order, 2):
        x, y = ([board.sign * v for v in board.ends(s)] for s in (first, second))
        d = [a - b for a, b in zip(x, y)]
        better = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in zip(x, y))
        result.append({"first": first, "second": second, "difference": mean(d), "differences": d,
                       "wilcoxon_p": wilcoxon(d), "probability": wilson(better, len(d)),
                       "delta": mean([(a > b) - (a < b) for a in x for b in y]), "wanted": seeds_wanted(d, tests)})
    for pair, p in zip(result, holm([pair["wilcoxon_p"] for pair in result])):
        pair["holm_p"] = p
        pair["apart"] = p < 0.05 and (pair["probability"][0] - 0.5) * pair["difference"] > 0.0
        pair["seeds_wanted"] = None if pair["apart"] else pair.pop("wanted")
    return result


def p_above_zero(gains):
    """The larger one-sided p of the signed-rank test and of t with Hall's correction."""
    n, m = len(gains), mean(gains)
    if m <= 0.0 or stats.rankdata(numpy.abs(gains)) @ numpy.sign(gains) <= 0.0:
        return 1.0
    g = stats.skew(gains, bias=False) - math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    t = m / (numpy.std(gains, ddof=1) / math.sqrt(n))
    hall = t + g * t**2 / (3 * math.sqrt(n)) + g**2 * t**3 / (27 * n) + g / (6 * math.sqrt(n))
    return max(0.5 * wilcoxon(gains), float(stats.t.sf(min(t, hall), n - 1)))


def verdict(board, tested):
    leader = board.order[0]
    gains = {s: [board.gain(v) for v in board.ends(s)] for s in board.order}
    result = {"leader": leader, "gain_over_default": mean(gains[leader]), "gain_p": 1.0, "gain_seeds_wanted": None,
              "standing": "not_above_default", "candidates": []}
    result["ahead_of"] = [p["second"] for p in tested if p["first"] == leader and p["apart"]]
    result["not_separated"] = [p["second"] for p in tested if p["first"] == leader and not p["apart"]]
    if mean(gains[leader]) <= 0.0:
        return result
    above = [p_above_zero(gains[s]) for s in board.order]
    result["gain_p"] = holm([min(1.0, 2.0 * p) for p in above])[0]
    result["standing"] = "above_default" if result["gain_p"] < 0.05 else "may_be_chance"
    if result["gain_p"] >= 0.05:
        result["gain_seeds_wanted"] = seeds_wanted_by_p(above[0], len(gains[leader]), len(board.order))
    result["candidates"] = [leader] + [s for s in result["not_separated"] if mean(gains[s]) > 0.0
                                       and 0.95 * kilograms(board, s) <= kilograms(board, leader)]
    return result


def friedman(board):
    losses = numpy.array([[-board.sign * v for v in board.ends(s)] for s in board.order])
    chi2, p = stats.friedmanchisquare(*losses)
    return {"chi2": chi2, "p": p, "mean_ranks": [float(r) for r in stats.rankdata(losses, axis=0).mean(axis=1)]}


# ---- Several objectives, payback


def nondominated(points):
    points = set(points)
    return [p for p in points if not any(q != p and all(a <= b for a, b in zip(q, p)) for q in points)]


def area(front, low, span):
    """Of two objectives, by columns between neighbours on the first axis; the reference point is 1.1."""
    scaled = sorted(tuple((v - l) / s for v, l, s in zip(p, low, span)) for p in front)
    total = 0.0
    for k, (x, _) in enumerate(scaled):
        right = min(1.1, scaled[k + 1][0] if k + 1 < len(scaled) else 1.1)
        total += max(0.0, right - x) * max(0.0, 1.1 - min(y for _, y in scaled[:k + 1]))
    return total


def fronts(board):
    joint = nondominated([p for s in board.all() for p in s.losses])
    low = [min(p[i] for p in joint) for i in range(2)]
    span = [max(p[i] for p in joint) - low[i] for i in range(2)]
    result = {"points": sorted(joint)}
    for strategy, searches in board.searches.items():
        own = [nondominated(s.losses) for s in searches]
        volumes = t_interval([area(front, low, span) / area(joint, low, span) for front in own])
        result[strategy] = {"hypervolume": volumes, "size": mean([len(front) for front in own])}
    return result


def payback(board, searches, side):
    known = [s for s in searches if side in s.uses]
    if not known:
        return None
    # Searches that leave the default configuration in place save nothing, and emit.
    kept = [s for s in searches if not s.found or (side == "cheapest" and side not in s.uses and "default" in s.uses)]
    saved = board.trainings * sum(s.uses["default"] - s.uses[side] for s in known) / (len(known) + len(kept))
    spent = mean([s.kg for s in known + kept])
    return {"seeds": len(known), "search_co2e_kg": spent, "saved_co2e_kg": saved,
            "break_even": spent / saved if saved > 0.0 else None}


# ---- The report's list of figures


def to_target(board, searches, target):
    spent, reached = 0.0, 0
    for s in searches:
        first = next((kg for kg, value in s.points if board.sign * (value - target) >= 0.0), None)
        reached += first is not None
        spent += s.kg if first is None else first
    return reached, spent / reached if reached else None


def figures(board, strategy, target, threshold):
    searches, ends = board.searches[strategy], board.ends(strategy)
    with_winner = [s for s in searches if s.found]
    exact = {"seeds": [len(searches)], "searches that found something": [len(with_winner)],
             board.objective: t_interval(ends), "interquartile mean": [interquartile_mean(ends)],
             "regret": [board.sign * (board.optimum - mean(ends))], "co2e": [kilograms(board, strategy)],
             "energy": [mean([s.kwh for s in searches])], "money": [mean([s.usd for s in searches])],
             "hours": [mean([s.hours for s in searches])], "evaluations": [mean([s.evaluations for s in searches])],
             "overhead": ratio([s.kg for s in with_winner], [s.training for s in with_winner])}
    if board.gain(mean(ends)) > 0.0:
        exact["gain per tonne"] = [board.gain(mean(ends)) / (kilograms(board, strategy) / 1000.0)]
    reached, cost = to_target(board, searches, target)
    exact["searches that reach"], exact["expected co2e to reach"] = [reached], [cost]
    low, high = common_range(board)
    over = [over_log(s, low, high) for s in searches]
    width = max(s.kg for s in board.all())
    volumes = [hypervolume_of_value(board, s, width, board.gain(board.optimum)) for s in searches]
    exact["mean over log co2e"], exact["hypervolume of value and co2e"] = [mean(over)], [mean(volumes)]
    exact["worth until"] = [worth_until(board, searches, threshold)]
    resampled = {"interquartile mean": bca(ends, middle_of_rows), "mean over log co2e": bca(over, numpy.mean)}
    if sum(volume > 0.0 for volume in volumes) > len(volumes) / 2:  # the means of few others than 0 lie far apart
        resampled["hypervolume of value and co2e"] = bca(volumes, numpy.mean)
    return {"exact": exact, "resampled": resampled}


def describe(board, target):
    leader = board.order[0]
    threshold = max(0.0, 0.1 * board.gain(mean(board.ends(leader))) / kilograms(board, leader))
    tested = pairs(board)
    result = {"order": board.order, "threshold": threshold, "pairs": tested, "verdict": verdict(board, tested),
              "friedman": friedman(board), "curves": curves(board), "ranks": ranks(board),
              "figures": {s: figures(board, s, target, threshold) for s in board.order},
              "attainment": {s: [attainment(board, board.searches[s], part) for part in (0.25, 0.5, 0.75)]
                             for s in board.order},
              "payback": {s: payback(board, board.searches[s], "winner") for s in board.order}}
    for pair in tested:
        pair["resampled"] = bca(pair.pop("differences"), numpy.mean)
    if board.directions:
        result["fronts"] = fronts(board)
        result["payback_of_cheapest"] = {s: payback(board, board.searches[s], "cheapest") for s in board.order}
    return result


def main():
    boards = read_boards(Path(sys.argv[1]))
    targets = json.loads(sys.argv[2])
    print(json.dumps({name: describe(board, targets[name]) for name, board in boards.items()}))


main()
