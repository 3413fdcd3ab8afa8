"""Extract the learner's functions from a notebook by name. Nothing is executed."""

from .answers import Extracted, duplicates_remark, extract, from_cells
from .cells import MAX_BYTES, cells_of, lesson_of
from .dependencies import Piece, is_blank, with_dependencies

__all__ = ["MAX_BYTES", "Extracted", "Piece", "cells_of", "extract", "from_cells", "is_blank",
           "lesson_of", "duplicates_remark", "with_dependencies"]
