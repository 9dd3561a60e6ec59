"""`python -m toto_bench`, also under torchrun."""

from toto_bench.cli import main

if __name__ == "__main__":
    main()
