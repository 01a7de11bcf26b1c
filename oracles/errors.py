"""The errors a user can meet. Each message is one sentence that names the argument and what was wrong with it."""


class BroximalError(Exception):
    """Anything broximal raises on purpose."""


class InvalidArgument(BroximalError, ValueError):
    """An argument is NaN, of the wrong shape or dtype, negative where it must not be, or contradicts another one."""


class MissingConstant(BroximalError, LookupError):
    """A constant was asked for that nobody can prove for this problem in this norm."""


class MissingPackage(BroximalError, ImportError):
    """An optional package is needed and not installed."""


class NotCertified(BroximalError, RuntimeError):
    """An oracle found a point but could not certify it at the tolerance that was asked for.

    `answer` is the best answer found, with its certificate: nothing that was computed is lost.
    """

    def __init__(self, message: str, answer):
        super().__init__(message)
        self.answer = answer
