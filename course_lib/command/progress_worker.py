"""The process in which `course progress` runs a learner's functions: it may hang, crash or exit.

One question a line comes in, one answer a line goes out, both JSON.
"""

import json
import os

from course_lib.grading.inside.answer import define, function_of


def _work(questions, answers):
    """Answer the parent's questions: ready, the learner's source, then one exercise at a time."""
    namespace, broken = {}, {}
    for line in questions:
        question = json.loads(line)
        try:
            if question == "ready?":
                from course_lib.checks import check

                answer = {}
            elif "source" in question:
                namespace, broken = define(question["source"])
                answer = {}
            else:
                answer = _check(check, *question, namespace, broken)
        except BaseException as error:  # sys.exit too: only the parent ends this process
            answer = {"failure": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _check(check, id, name, namespace, broken):
    fn, why = function_of(namespace, broken, name)
    if why:
        return {"status": "error", "message": why}
    result = check(id, fn)
    message = "" if result.status == "blank" else result.message
    return {"status": result.status, "message": message, "points": float(result.points)}


def _take_the_pipes():
    """Keep the two pipes for ourselves: print() and input() of the learner must not meet them."""
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return questions, answers


def main():
    """Run until the parent ends this process."""
    _work(*_take_the_pipes())


if __name__ == "__main__":
    main()
