"""What every sentence on a row or a file is: English, with places for its parts, and a key.

Commands, logs and JSON tell it as it stands; the pages tell it in the reader's language, which ``scripts/translations`` keeps.
"""

from enum import Enum


def marked(text: str) -> str:
    """``text`` itself: the mark by which ``scripts/translations`` finds it.

    The pages' own mark would do, but loads all of their words with it.
    """
    return text


class Reason(Enum):
    """A sentence with places for its parts, under a lasting key; ``%(who)s`` is the column, or the row.

    The key begins with the code that scripts may rely on, and goes on behind a dot where several sentences have one code.
    No sentence has a place for a value of a report.
    """

    def __init__(self, key: str, sentence: str) -> None:
        self.key = key
        self.sentence = sentence

    @property
    def code(self) -> str:
        """The code before the sentence."""
        return self.key.partition(".")[0]
