"""From a request to a record: names resolved, data and weights found, the task run, the result kept."""
