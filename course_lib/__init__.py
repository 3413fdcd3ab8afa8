"""The course's library: small reference implementations that learners read.

Import the parts, not the whole: ``from course_lib import layers, gradcheck``. The NumPy parts need
neither torch nor matplotlib nor ipywidgets.
"""

__version__ = "0.1.0"
