"""Table of grades as CSV, and the import formats of Canvas, Moodle and Gradescope."""

import csv
import html
import io
import json
import re

ID = re.compile(r"(?P<name>.*)_(?P<id>\d+)$")             # as in what Canvas and Moodle hand out
BOM = "\ufeff"                                            # so that Excel reads it as UTF-8


def write_grades(results, preset=None, name="course", students=None):
    """Write the table of grades of everybody who has a result.

    Parameters
    ----------
    results : Results
    preset : str, optional
        "canvas", "moodle" or "gradescope": also what that platform imports.
    name : str
        Of the assignment, for Canvas.
    students : collection of str, optional
        Of these alone.

    Returns
    -------
    list of Path
    """
    found = results.all(students)
    written = [results.write("grades.csv", BOM + grades_csv(found))]
    if preset == "canvas":
        written.append(results.write("canvas.csv", _canvas(found, name)))
    elif preset == "moodle":
        written.append(results.write("moodle.csv", _moodle(found)))
    elif preset == "gradescope":
        from course_lib.grading.results import file_name

        written += [results.write(f"gradescope/{file_name(r['student'])}/results.json",
                                  json.dumps(gradescope(r), indent=1, ensure_ascii=False))
                    for r in found]
    return written


def columns(found):
    """The exercises that anyone was graded for: id and points, in the order of the course."""
    seen = {v["id"]: v for result in found for v in result["exercises"]}
    return [(id, seen[id]["name"], seen[id]["max_points"])
            for id in sorted(seen, key=lambda id: [int(n) for n in id.split(".")])]


def grades_csv(found):
    """A row for each student, a column for each exercise, the total and what to look at."""
    exercises = columns(found)
    rows = [["student", "points", "of", *(f"{id} {name}" for id, name, _ in exercises), "remarks"]]
    most = sum(points for *_, points in exercises)
    for result in found:
        points = {v["id"]: v["points"] for v in result["exercises"]}
        rows.append([_cell(result["student"]), result["points"], most,
                     *(points.get(id, 0) for id, *_ in exercises),
                     _cell("; ".join(result["problems"][:3]))])
    return _csv(rows)


def _canvas(found, name):
    """What Canvas imports: it finds a student by the number that its downloads carry."""
    most = sum(points for *_, points in columns(found))
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", name],
            ["    Points Possible", "", "", "", "", most]]
    rows += [[_cell(who), id, "", "", "", result["points"]]
             for result in found for who, id in [_name_and_number(result["student"])] if id]
    return _csv(rows)


def _moodle(found):
    """Moodle's offline grading worksheet."""
    most = sum(points for *_, points in columns(found))
    rows = [["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)",
             "Feedback comments"]]
    for result in found:
        who, id = _name_and_number(result["student"])
        lines = [f"{v['id']} {v['name']}: {v['points']} of {v['max_points']}. {v['message']}"
                 for v in result["exercises"]]
        words = "<br>".join(map(html.escape, [*lines, *result["problems"]])).replace("\n", "<br>")
        if id:                                            # Moodle refuses rows without
            rows.append([f"Participant {id}", _cell(who), result["points"], most, "-", words])
    return _csv(rows)


def gradescope(result):
    """One result as Gradescope's results.json: scores and messages."""
    tests = [{"name": f"{v['id']} {v['name']}", "score": v["points"], "max_score": v["max_points"],
              "status": "passed" if v["status"] == "right" else "failed", "output": v["message"],
              "visibility": "visible"} for v in result["exercises"]]
    return {"score": result["points"], "output": "\n".join(result["problems"]),
            "output_format": "text", "tests": tests}


def without_number(results, students):
    """Students whom Canvas and Moodle would not find, because their names carry no number."""
    return [r["student"] for r in results.all(students) if not _name_and_number(r["student"])[1]]


def _name_and_number(student):
    found = ID.match(student)
    return (found["name"], found["id"]) if found else (student, "")


def _cell(text):
    """Text that a spreadsheet will not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _csv(rows):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
