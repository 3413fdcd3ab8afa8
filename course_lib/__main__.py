"""`python -m course_lib` is the command `course`, where that is not on the path."""

from course_lib.command.main import main

if __name__ == "__main__":
    main()
