import os
import signal
from pathlib import Path

from detector.service.engine import LocalEngine


def double(order: int) -> int:
    return order * 2


def fail_on_three(order: int) -> int:
    if order == 3:
        raise ValueError("three is not wanted")
    return order


def die_on_three(order: int) -> int:
    if order == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return order


def die_once(marker: str) -> str:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def test_every_order_comes_back_with_its_outcome() -> None:
    engine = LocalEngine(processes=2, tries=3)
    try:
        assert dict(engine.run(double, list(range(20)))) == {order: order * 2 for order in range(20)}
    finally:
        engine.close()


def test_an_error_stops_only_its_own_unit() -> None:
    engine = LocalEngine(processes=2, tries=3)
    try:
        outcomes = dict(engine.run(fail_on_three, list(range(6))))
    finally:
        engine.close()
    assert isinstance(outcomes.pop(3), ValueError)
    assert outcomes == {order: order for order in (0, 1, 2, 4, 5)}


def test_a_unit_that_kills_its_process_every_time_does_not_take_the_others_with_it() -> None:
    engine = LocalEngine(processes=2, tries=2)
    try:
        outcomes = dict(engine.run(die_on_three, list(range(8))))
    finally:
        engine.close()
    assert isinstance(outcomes.pop(3), Exception)
    assert outcomes == {order: order for order in (0, 1, 2, 4, 5, 6, 7)}


def test_a_unit_that_died_once_is_run_again(tmp_path: Path) -> None:
    engine = LocalEngine(processes=1, tries=3)
    try:
        assert dict(engine.run(die_once, [str(tmp_path / "marker")])) == {str(tmp_path / "marker"): "done"}
    finally:
        engine.close()
