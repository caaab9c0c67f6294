"""Why there is nothing to read. All of them are `SteelyardError`."""


class SteelyardError(Exception):
    """Whatever this package has to complain of."""


class AttachError(SteelyardError):
    """The segment cannot be read; the text says which and why."""


class NotFound(AttachError):
    """Nothing has that name: no daemon, another instance, or another directory."""


class NotReady(AttachError):
    """Its publisher is filling it: wait."""


class PublisherDead(AttachError):
    """The publisher is dead or has stopped, and no other came in the time that was given."""


class PermissionDenied(AttachError):
    """The segment's group, or another mode, is needed."""


class OtherVersion(AttachError):
    """The segment has another layout version than this package reads."""


class Damaged(AttachError):
    """No segment, cut off, or inconsistent."""


class ReplayError(SteelyardError):
    """The replay did not run; the text is what the engine said."""
