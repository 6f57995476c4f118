"""The command line: reads arguments, calls the stages, prints, picks the exit code."""
