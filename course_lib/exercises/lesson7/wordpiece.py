"""7.1 wordpiece."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.language import wordpiece

PIECES = ("play", "##er", "##s", "##ing", "##e", "##r", "p", "##l", "##a", "##y", "un", "##aff",
          "##able", "##ab", "##le", "able", "##play", "s", "er", "##un", "a", "affable",
          "no", "now", "##where", "##here", "nowh", "uv", "uvw", "##wx")


def harness(answer, words, vocabulary, **options):
    """The pieces of each word."""
    known = set(vocabulary)
    found = [answer(word, known, **options) for word in words]
    return None if all(one is None for one in found) else [found, sorted(known ^ set(vocabulary))]


def normalise(output, words, vocabulary, **options):
    """What is wrong, in words: the first word that is cut wrongly, by its name."""
    pieces, changed = output
    if changed:
        return f"the vocabulary was changed: {changed[0]}"
    wrong = []
    for word, mine in zip(words, pieces, strict=True):
        right = wordpiece(word, set(vocabulary), **options)
        if isinstance(mine, np.ndarray):
            mine = mine.tolist()
        if mine is None or isinstance(mine, str) or list(mine) != right:
            wrong.append(f"“{shortened(word)}” gives {shortened(mine)}, and should give "
                         f"{shortened(right)}")
    return "; ".join(wrong[:3]) + f" (wrong: {len(wrong)} of {len(words)} words)" if wrong else ""


def shortened(value):
    """A value in at most 60 characters."""
    text = value if isinstance(value, str) else repr(list(value) if isinstance(value, tuple)
                                                     else value)
    return text if len(text) <= 60 else text[:57] + "..."


def cases(rng):
    made = ["".join(rng.choice(["un", "aff", "able", "play", "er", "s", "ing", "e"], n))
            for n in (2, 3, 4, 5)]
    words = (*made, "players", "unaffable", "play", "playful", "s", "able", "nowhere",
             "uvwx", "affable", "playno", "playp", "affs", "ings", "")
    length = len(made[-1])
    return [Case((words, PIECES)), Case((tuple(w + "s" for w in words), PIECES),
                                        {"unknown": "<unk>"}),
            Case((words, PIECES), {"longest": int(rng.integers(4, 7))}),
            Case((words, PIECES), {"longest": length}),
            Case((("a" * 100, "a" * 101, "a" + "y" * 99, "a" + "y" * 100), PIECES))]


def variant(*, mark="##", shortest=False, partial=False, per_letter=False, last=False, off=0):
    """An answer that makes one of several mistakes."""
    def answer(word, vocabulary, *, unknown="[UNK]", longest=100):
        if len(word) > longest + off:
            return [unknown]
        pieces, start = [], 0
        while start < len(word):
            ends = range(start + 1, len(word) + 1)
            ends = ends if shortest else reversed(ends)
            front = mark * (start > 0)
            end = next((e for e in ends if front + word[start:e] in vocabulary), None)
            if end is None and partial:
                return [*pieces, unknown]
            if end is None and per_letter:
                pieces, start = [*pieces, unknown], start + 1
                continue
            if end is None:
                return [unknown]
            pieces.append(front + word[start:end])
            start = end
        return [p.removeprefix("##") for p in pieces] if last else pieces
    return answer


def other_cuts(word, vocabulary, *, unknown="[UNK]", longest=100):
    """Goes back and tries a shorter piece where the rest cannot be cut."""
    def rest(left, mark):
        if not left:
            return []
        for n in reversed(range(1, len(left) + 1)):
            after = rest(left[n:], "##") if mark + left[:n] in vocabulary else None
            if after is not None:
                return [mark + left[:n], *after]
        return None
    return (None if len(word) > longest else rest(word, "")) or [unknown] * bool(word)


def ends_early(most):
    """An answer whose ends do not go all the way."""
    def answer(word, vocabulary, *, unknown="[UNK]", longest=100):
        if len(word) > longest:
            return [unknown]
        pieces, start = [], 0
        while start < len(word):
            ends = (range(len(word) - 1, start, -1) if most == "last"
                    else range(len(word), start + 1, -1))
            found = [e for e in ends if "##" * (start > 0) + word[start:e] in vocabulary]
            if not found:
                return [unknown]
            pieces.append("##" * (start > 0) + word[start:found[0]])
            start = found[0]
        return pieces
    return answer


def what_there_is(word, vocabulary, *, unknown="[UNK]", longest=100):
    """The pieces so far, where it gets stuck."""
    pieces = variant(partial=True)(word, vocabulary, unknown=unknown, longest=longest)
    return pieces[:-1] if len(pieces) > 1 and pieces[-1] == unknown else pieces


def empty_is_unknown(word, vocabulary, *, unknown="[UNK]", longest=100):
    return wordpiece(word, vocabulary, unknown=unknown, longest=longest) or [unknown]


def known_first(word, vocabulary, *, unknown="[UNK]", longest=100):
    if word in vocabulary:
        return [word]
    return wordpiece(word, vocabulary, unknown=unknown, longest=longest)


def no_limit(word, vocabulary, *, unknown="[UNK]", longest=100):
    return wordpiece(word, vocabulary, unknown=unknown, longest=10**9)


def a_hundred(word, vocabulary, *, unknown="[UNK]", longest=100):
    return wordpiece(word, vocabulary, unknown=unknown)


def its_own_unknown(word, vocabulary, *, unknown="[UNK]", longest=100):
    return wordpiece(word, vocabulary, longest=longest)


def backwards(word, vocabulary, *, unknown="[UNK]", longest=100):
    """From the right end, the longest first."""
    if len(word) > longest:
        return [unknown]
    pieces, end = [], len(word)
    while end > 0:
        start = next((s for s in range(end) if ("##" * (s > 0) + word[s:end]) in vocabulary), None)
        if start is None:
            return [unknown]
        pieces.insert(0, "##" * (start > 0) + word[start:end])
        end = start
    return pieces


def a_string(word, vocabulary, *, unknown="[UNK]", longest=100):
    return " ".join(wordpiece(word, vocabulary, unknown=unknown, longest=longest))


def bare_unknown(word, vocabulary, *, unknown="[UNK]", longest=100):
    pieces = wordpiece(word, vocabulary, unknown=unknown, longest=longest)
    return unknown if pieces == [unknown] else pieces


EXERCISE = Exercise(
    id="7.1",
    name="wordpiece",
    points=3,
    minutes=25,
    reference=wordpiece,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the pieces",),
    mistakes=[
        Mistake("shortest", variant(shortest=True),
                "you take the shortest piece that fits. Take the longest: try word[start:end] with "
                "the largest end first."),
        Mistake("no mark", variant(mark=""),
                "pieces inside a word are looked up without ##. Only the first piece of a word is "
                "looked up as it is."),
        Mistake("mark taken off", variant(last=True),
                "the pieces are right, but the ## is missing in what you return."),
        Mistake("keeps the beginning", variant(partial=True),
                "a word that cannot be cut to its end gives its first pieces and then the unknown "
                "token. The whole word is to become one unknown token."),
        Mistake("stops where it is stuck", what_there_is,
                "where nothing fits you return the pieces so far. The whole word is to become one "
                "unknown token."),
        Mistake("last letter missed", ends_early("last"),
                "you never try the piece that goes to the end of the word. Let end begin at "
                "len(word): range(len(word), start, -1)."),
        Mistake("no single letters", ends_early("first"),
                "a piece may have one letter: let end go down to start + 1."),
        Mistake("empty word", empty_is_unknown,
                "an empty word has no pieces: return []."),
        Mistake("known words first", known_first,
                "a word of the vocabulary that has more than `longest` letters is to be unknown, "
                "too: look at the length first."),
        Mistake("letter by letter", variant(per_letter=True),
                "where no piece fits you skip a letter and go on. The whole word is to become one "
                "unknown token."),
        Mistake("from the right", backwards,
                "you cut from the right end. WordPiece begins at the left."),
        Mistake("tries other cuts", other_cuts,
                "where the rest cannot be cut you go back and try a shorter piece. WordPiece is "
                "greedy: it does not go back, and the word is unknown."),
        Mistake("no limit", no_limit,
                "a word with more than `longest` letters is cut. It is to be one unknown token."),
        Mistake("limit of 100", a_hundred,
                "you do not look at `longest`: it need not be 100."),
        Mistake("limit off by one", variant(off=-1),
                "a word with exactly `longest` letters is still to be cut: only longer ones are "
                "unknown."),
        Mistake("its own unknown", its_own_unknown,
                "you return \"[UNK]\" where `unknown` says something else."),
        Mistake("one string", a_string,
                "you return one string. Return a list of pieces."),
        Mistake("unknown without a list", bare_unknown,
                "for an unknown word you return a string. Return a list of one piece: [unknown]."),
    ],
    hints=[
        "“How do I begin?” With start = 0, and a loop that goes on while start < len(word).",
        "“How do I find the longest piece?” for end in range(len(word), start, -1): the first "
        "word[start:end] that is in the vocabulary, with \"##\" before it unless start is 0.",
        "“And if none fits?” for ... else: the else of a for loop runs if there was no break. "
        "There you return [unknown].",
    ],
)
