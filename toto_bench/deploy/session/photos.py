"""Putting the object back to where it lay: a reference photo of each start pose, laid over what the camera sees."""

from toto_bench.deploy.cameras import Camera
from toto_bench.deploy.cameras.overlay import overlay, read_photo, similarity, write_photo
from toto_bench.deploy.session.attempt import where
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.operator import Operator
from toto_bench.deploy.trials import StartPose

NOW = "now.png"
"""What the camera sees, the reference shining through, and the difference."""
_QUIT, _AGAIN = ("q", "quit"), ("a", "again")


class SessionEndedError(Exception):
    """The operator has had enough for today; everything is on disk."""


class Placing:
    """Asks a person to put the object to a start pose."""

    def __init__(self, folder: TrialsFolder, operator: Operator, camera: Camera | None) -> None:
        """Without a camera there are no photos."""
        self._folder, self._operator, self._camera = folder, operator, camera

    def place(self, pose: StartPose) -> None:
        """Return when the object lies there and nobody is near.

        Raises:
            SessionEndedError: the operator ends the session.
            KeyboardInterrupt: likewise, by Ctrl-C.
            CameraFault: the camera gives no picture.
            RequestError: the reference photo is damaged, or of another size.
            DiskError: the operating system refused.
        """
        self._operator.say(f"Start pose {pose.number}: put the object {where(pose.x, pose.y, pose.yaw)}.")
        while True:
            self._show(pose)
            answer = self._operator.ask(
                "Enter starts the trial, a looks again, q ends the session:"
            ).casefold()
            if answer in _QUIT:
                raise SessionEndedError
            if answer not in _AGAIN:
                break
        self._keep(pose)

    def _show(self, pose: StartPose) -> None:
        if self._camera is None:
            return
        live, path = self._camera.latest().rgb, self._folder.photos / NOW
        reference = self._folder.photo(pose.number)
        if not reference.is_file():
            write_photo(path, live)
            self._operator.say(
                f"There is no reference photo of this pose yet: what the camera sees now ({path}) becomes it."
            )
            return
        photo = read_photo(reference)
        alike = similarity(photo, live)
        write_photo(path, overlay(photo, live))
        self._operator.say(
            f"Look at {path}: now, the reference over it, and the difference. Similarity {alike.overall:.2f}, at the "
            f"worst place (row {alike.place[0]}, column {alike.place[1]}) {alike.worst:.2f}; 1 is the same."
        )

    def _keep(self, pose: StartPose) -> None:
        reference = self._folder.photo(pose.number)
        if self._camera is not None and not reference.is_file():
            write_photo(reference, self._camera.latest().rgb)
