"""The one training loop: schedules, parameter groups, positions in the data, ranks, exact resumption."""
