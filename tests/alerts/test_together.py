import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from alerts.together import Together


class Work:
    """Doubles numbers, and notes which came together; the first time it waits until it may go on."""

    def __init__(self, refuses: Callable[[Sequence[int]], bool] = lambda _: False) -> None:
        self.batches: list[list[int]] = []
        self.began, self.may_go_on = threading.Event(), threading.Event()
        self._refuses = refuses

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        if len(self.batches) == 1:
            self.began.set()
            assert self.may_go_on.wait(20)
        if self._refuses(items):
            raise ValueError(f"refused {list(items)}")
        return [item * 2 for item in items]


def _three_while_one_works(work: Work, pool: ThreadPoolExecutor) -> dict[int, Future[int]]:
    together = Together(work)
    told = {0: pool.submit(together, 0)}
    assert work.began.wait(20)
    told |= {item: pool.submit(together, item) for item in (1, 2, 3)}
    while len(together._waiting) < 3:  # only then do all three wait
        threading.Event().wait(0.001)
    work.may_go_on.set()
    return told


def test_those_who_wait_are_served_together_and_each_gets_its_own() -> None:
    work = Work()
    with ThreadPoolExecutor(4) as pool:
        told = _three_while_one_works(work, pool)
        assert {item: future.result(20) for item, future in told.items()} == {0: 0, 1: 2, 2: 4, 3: 6}
    assert work.batches[0] == [0]
    assert sorted(work.batches[1]) == [1, 2, 3]
    assert len(work.batches) == 2


def test_an_error_is_only_for_whom_it_is() -> None:
    work = Work(refuses=lambda items: 2 in items)
    with ThreadPoolExecutor(4) as pool:
        told = _three_while_one_works(work, pool)
        assert [told[item].result(20) for item in (0, 1, 3)] == [0, 2, 6]
        with pytest.raises(ValueError, match=r"refused \[2\]"):
            told[2].result(20)
