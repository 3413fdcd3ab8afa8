"""The two figures of the class report."""

KINDS = {"right": "right", "known": "a known mistake", "own": "wrong in another way",
         "error": "could not be run", "blank": "blank"}


def outcomes_figure(parts):
    """A bar for each exercise: how many had it right, made a known mistake, left it blank.

    Parameters
    ----------
    parts : list of dict
        With ``id``, ``name``, ``statuses``, ``known``, ``own``, ``n``.

    Returns
    -------
    bytes, str
        PNG, and the figure in words.
    """
    import matplotlib.pyplot as plt

    from course_lib import plots

    colours = dict(zip(KINDS, (plots.GREEN, plots.ORANGE, plots.RED, plots.PURPLE, "#cccccc"),
                       strict=True))
    fig, ax = plt.subplots(figsize=(7.5, 1.2 + 0.34 * len(parts)))
    left = [0] * len(parts)
    for kind, label in KINDS.items():
        counts = [part[kind] if kind in ("known", "own") else part["statuses"][kind]
                  for part in parts]
        ax.barh(range(len(parts)), counts, left=left, color=colours[kind], label=label,
                edgecolor="white", hatch="//" if kind == "own" else None)
        for k, count in enumerate(counts):
            if count >= 0.06 * parts[k]["n"]:             # a number that has room
                ax.text(left[k] + count / 2, k, count, ha="center", va="center", fontsize=9)
        left = [a + b for a, b in zip(left, counts, strict=True)]
    ax.set_yticks(range(len(parts)), [f"{part['id']} {part['name']}" for part in parts])
    ax.invert_yaxis()
    ax.set_xlabel("students")
    fig.legend(loc="outside upper center", ncols=3)
    words = "; ".join(f"{p['id']}: {p['statuses']['right']} of {p['n']} right" for p in parts)
    return plots.png(fig), f"How each exercise went. {words}."


def points_figure(points, most):
    """How many students have how many points."""
    import matplotlib.pyplot as plt
    import numpy as np

    from course_lib import plots

    fig, ax = plt.subplots(figsize=(7.5, 2.4))
    step = max(1, most // 20)
    ax.hist(points, bins=np.arange(0, most + step + 1, step) - step / 2, color=plots.BLUE,
            edgecolor="white")
    ax.set_xlabel(f"points, of {most}")
    ax.set_ylabel("students")
    ax.yaxis.get_major_locator().set_params(integer=True)
    middle = float(np.median(points)) if points else 0
    return plots.png(fig), (f"How {len(points)} students' points are spread: from "
                            f"{min(points, default=0)} to {max(points, default=0)} of {most}, half "
                            f"of them at most {middle:g}.")
