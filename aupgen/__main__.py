"""``python -m aupgen``: the same as the ``aupgen`` command."""

from aupgen.cli.main import run

if __name__ == "__main__":
    run()
