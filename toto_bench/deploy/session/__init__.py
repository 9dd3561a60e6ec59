"""A person, a robot and a plan of trials: what is asked, what is shown, what is kept."""
