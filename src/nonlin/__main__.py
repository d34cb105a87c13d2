"""`python -m nonlin`, the same as the `nonlin` command."""

from nonlin.cli.main import app

if __name__ == "__main__":
    app(prog_name="nonlin")
