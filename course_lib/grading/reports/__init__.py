"""Reports: the table of grades, a page for each student, a report on the class."""

from .gradebook import without_number, write_grades
from .pages import write_feedback, write_report

__all__ = ["write_feedback", "write_grades", "without_number", "write_report"]
