"""One learner, from its first round to its last."""

from toto_bench.robots.learning import Dagger, Round
from toto_bench.tasks.manipulation.seconds import counted
from toto_bench.tasks.manipulation.work import Work


def learn(work: Work, learner: Dagger) -> list[Round]:
    """Its rounds; what was done before is not done again.

    Args:
        work: of the run.
        learner: of the work.
    """
    with counted(work.context, "training"):
        rounds = learner.run()
    shown = ", ".join(f"{100 * each.success:.0f}" for each in rounds if each.episodes)
    work.context.progress.say(f"Success of the policy `{learner.folder.name}`, by iteration: {shown} %")
    return rounds
