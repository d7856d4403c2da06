class Refused(Exception):
    """An action that isn't possible now. `message` is a sentence for the person who tried; nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
