import itertools
import random

import pytest

from lamina.models.diagram_layout import Line, arrange

GAP = (20.0, 30.0)


def boxes(spots):
    return [(s.x - s.width / 2, s.y, s.x + s.width / 2, s.y + s.height) for s in spots]


def crosses(one, two, box, slack=0.01):
    """Whether the segment between two points runs through the inside of a box."""
    (x0, y0), (x1, y1), (left, top, right, bottom) = one, two, box
    low, high = 0.0, 1.0
    for start, change, least, most in ((x0, x1 - x0, left, right), (y0, y1 - y0, top, bottom)):
        least, most = least + slack, most - slack
        if change == 0:
            if not least < start < most:
                return False
            continue
        a, b = sorted(((least - start) / change, (most - start) / change))
        low, high = max(low, a), min(high, b)
    return low < high


def check(sizes, lines):
    spots, paths = arrange(sizes, lines, GAP)
    found = boxes(spots)
    for one, two in itertools.combinations(found, 2):
        assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
    for path in paths:
        for segment in itertools.pairwise(path):
            assert not any(crosses(*segment, box) for box in found)
    assert min(box[0] for box in found) >= 0
    return spots, paths


def test_a_chain_is_straight():
    spots, paths = check([(100, 20), (50, 30), (80, 20)], [Line(0, 1), Line(1, 2)])
    assert [spot.y for spot in spots] == [0, 50, 110]
    assert [spot.x for spot in spots] == [50, 50, 50]
    assert paths == [[(50, 20), (50, 50)], [(50, 80), (50, 110)]]


def test_a_line_over_several_rows_passes_beside_the_boxes():
    spots, paths = check([(60, 20)] * 4, [Line(0, 1), Line(1, 2), Line(2, 3), Line(0, 3)])
    assert [spot.row for spot in spots] == [0, 1, 2, 3]
    assert len(paths[3]) > 2


def test_lines_that_need_not_cross_do_not():
    lines = [Line(0, 5), Line(1, 4), Line(2, 3)]
    spots, _ = check([(40, 20)] * 6, lines)
    order = [spots[line.source].x for line in sorted(lines, key=lambda line: spots[line.target].x)]
    assert order == sorted(order)


@pytest.mark.parametrize("seed", range(8))
def test_no_line_runs_over_a_box_of_any_graph(seed):
    rng = random.Random(seed)
    count = rng.randint(5, 40)
    sizes = [(rng.randint(20, 200), rng.randint(10, 90)) for _ in range(count)]
    lines = {Line(rng.randrange(target), target) for target in range(1, count) for _ in range(rng.randint(1, 3))}
    check(sizes, sorted(lines, key=lambda line: (line.source, line.target)))


def test_boxes_for_the_last_row_are_behind_all_others():
    spots, _ = arrange([(50, 20)] * 4, [Line(0, 1), Line(1, 2), Line(0, 3)], GAP, {3})
    assert [spot.row for spot in spots] == [0, 1, 2, 3]
