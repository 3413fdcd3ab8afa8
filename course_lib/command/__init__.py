"""What a person types: `course lab`, `doctor`, `progress`, `data`; `grade` and `release`."""
