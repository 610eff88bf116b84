"""Integer search for make_gpa.py: small moves that make several sums exact at once.

A gap is a tuple of what several sums still miss. A move is a tuple of places, the first
two of them students; what it adds to the sums is its change. All are integers, so that
no rounding decides anything.
"""

from gpa_draws import below


def exchange(rng, gap, reach, moves, change, allowed, apply):
    """Apply random moves until the gap is within reach of one, then two close it."""
    while distance(gap, reach) > 2000:
        move = moves[below(rng, len(moves))]
        after = less(gap, change(*move))
        if allowed(*move) and distance(after, reach) < distance(gap, reach):
            apply(*move)
            gap = after
    if any(gap):
        changes = {move: change(*move) for move in moves if allowed(*move)}
        for move in closing_moves(gap, changes):
            apply(*move)


def closing_moves(gap, changes):
    """Return two moves that close the gap; of four students, so that they add up."""
    seen = {}
    for move, change in changes.items():
        for other in seen.get(less(gap, change), ()):
            if not {*move[:2]} & {*other[:2]}:
                return other, move
        seen.setdefault(change, []).append(move)
    raise ValueError(f"no two moves close the gap {gap}; try another seed")


def less(first, second):
    """Return the difference, element by element."""
    return tuple(a - b for a, b in zip(first, second, strict=True))


def distance(gap, reach):
    """Return the length of a gap in thousandths of what one move may change."""
    return sum(1000 * abs(g) // r for g, r in zip(gap, reach, strict=True))


def sign(number):
    """Return -1, 0 or 1."""
    return (number > 0) - (number < 0)


def dot(first, second):
    """Return the sum of products."""
    return sum(a * b for a, b in zip(first, second, strict=True))
