"""7.2 collate."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.language import collate, length_mask, pad


def cases(rng):
    found = []
    for lengths, pad_id in [((3, 5, 2), 0), ((4,), 0), ((2, 6, 6, 1), 9), ((5, 5), 1)]:
        rows = [([int(t) for t in rng.integers(0, 30_000, n)], int(rng.integers(0, 2)))
                for n in lengths]
        found.append(Case((rows,), {"pad_id": pad_id} if pad_id else {}))
    # a zero that is a token and not padding
    return [*found, Case(([([7, 0, 0], 1), ([0, 3], 0)],))]


def variant(*, width=None, left=False, mask=None, value=None):
    """An answer with another length, other side, other mask or other padding."""
    def answer(examples, *, pad_id=0):
        rows, lengths = [r for r, _ in examples], [len(r) for r, _ in examples]
        T = max(lengths) if width is None else width(lengths)
        ids = np.full((len(rows), T), pad_id if value is None else value)
        real = np.zeros((len(rows), T), dtype=bool)
        for k, row in enumerate(rows):
            at = slice(T - len(row), T) if left else slice(0, min(len(row), T))
            ids[k, at], real[k, at] = row[:T], True
        real = real if mask is None else mask(ids, real, pad_id)
        return ids, real, np.array([label for _, label in examples])
    return answer


def floats(examples, *, pad_id=0):
    ids, mask, labels = collate(examples, pad_id=pad_id)
    return ids.astype(float), mask, labels


def one_too_far(examples, *, pad_id=0):
    ids, mask, labels = collate(examples, pad_id=pad_id)
    return ids, np.arange(ids.shape[1]) <= mask.sum(axis=1)[:, None], labels


def by_length(examples, *, pad_id=0):
    return collate(sorted(examples, key=lambda e: len(e[0])), pad_id=pad_id)


def lengths_for_mask(examples, *, pad_id=0):
    ids, mask, labels = collate(examples, pad_id=pad_id)
    return ids, mask.sum(axis=1), labels


def no_labels(examples, *, pad_id=0):
    return collate(examples, pad_id=pad_id)[:2]


def labels_first(examples, *, pad_id=0):
    ids, mask, labels = collate(examples, pad_id=pad_id)
    return labels, ids, mask


def normalise(output, examples, *, pad_id=0):
    """A mask of 0 and 1 is as good as one of False and True."""
    try:
        ids, mask, labels = output
        mask, kind = np.asarray(mask), np.asarray(ids).dtype
        if kind.kind == "f" or kind.itemsize < 4:
            return f"ids have dtype {kind}", mask, labels
        if mask.dtype.kind in "iuf" and np.isin(mask, (0, 1)).all():
            mask = mask.astype(bool)
        return ids, mask, labels
    except (TypeError, ValueError):
        return output


EXERCISE = Exercise(
    id="7.2",
    name="collate",
    points=2,
    minutes=15,
    reference=collate,
    cases=cases,
    given=(length_mask, pad),
    normalise=normalise,
    returns=("ids", "mask", "labels"),
    mistakes=[
        Mistake("padded to a fixed length", variant(width=lambda lengths: 128),
                "every batch is as long as 128. Pad to the longest sentence of this batch."),
        Mistake("one too long", variant(width=lambda lengths: max(lengths) + 1),
                "the batch has one column too many: the longest sentence needs no padding."),
        Mistake("cut to the shortest", variant(width=min),
                "sentences are cut to the shortest of the batch. Pad to the longest."),
        Mistake("padded on the left", variant(left=True),
                "the padding stands before the sentence. It belongs after it, so that [CLS] is at "
                "place 0."),
        Mistake("mask from the ids", variant(mask=lambda ids, real, pad_id: ids != pad_id),
                "the mask is made from the ids: a real token that happens to have the padding's id "
                "is hidden too. Make it from the lengths."),
        Mistake("mask turned round", variant(mask=lambda ids, real, pad_id: ~real),
                "the mask is True where there is padding. It is to be True where a token is real."),
        Mistake("mask one too far", one_too_far,
                "the mask is True one place too far: np.arange(T) < length, not <=."),
        Mistake("ids are floats", floats,
                "ids holds floats, and an embedding wants whole numbers. np.zeros makes floats; "
                "use np.full((B, T), pad_id), or dtype=int."),
        Mistake("sorted by length", by_length,
                "the sentences come in another order. Leave them as they are."),
        Mistake("mask all true", variant(mask=lambda ids, real, pad_id: np.ones_like(real)),
                "the mask is True everywhere, also on the padding."),
        Mistake("pads with 0", variant(value=0),
                "you pad with 0. Pad with pad_id, which need not be 0."),
        Mistake("lengths for a mask", lengths_for_mask,
                "mask holds the lengths. It is to be (B, T), True where a token is real."),
        Mistake("no labels", no_labels,
                "the labels are missing: return ids, mask and labels."),
        Mistake("another order", labels_first,
                "the three arrays come in another order: return ids, mask, labels."),
    ],
    hints=[
        "“How long is the batch?” T = max(len(ids) for ids, _ in examples).",
        "“How do I fill it?” Begin with np.full((len(examples), T), pad_id) and a mask of False. "
        "Row by row: ids[k, :len(row)] = row, and the same places of the mask become True.",
        "“And the labels?” np.array([label for _, label in examples]).",
    ],
)
