"""Items of one kind follow each other in one process; nothing is lost, done twice, or left when a process dies."""

import concurrent.futures
import os
import time

import pytest

from broximal.verify.lanes import Lanes


def work(item):
    kind, number = item
    if kind == "kill" and number == 1:
        time.sleep(1.0)
        os._exit(1)
    if kind == "fail":
        raise ValueError("no such thing")
    time.sleep(0.02)
    return item, os.getpid()


def items(**counts):
    return [(kind, number) for kind, count in counts.items() for number in range(count)]


def kind(item):
    return item[0]


def test_every_item_once_and_a_kind_in_one_process_until_the_end():
    todo = items(a=6, b=6, c=6, d=6)
    found = list(Lanes(work, todo, 2, kind).results())
    assert sorted(item for item, _ in found) == sorted(todo)
    assert len({pid for _, pid in found}) == 2
    shared = [name for name in "abcd" if len({pid for item, pid in found if item[0] == name}) > 1]
    assert len(shared) <= 1  # of the last kind an idle process takes some


def test_an_idle_process_helps_with_the_only_kind():
    found = list(Lanes(work, items(a=12), 3, kind).results())
    assert len(found) == 12 and len({pid for _, pid in found}) == 3


def test_fewer_items_than_processes():
    assert len(list(Lanes(work, items(a=1), 5, kind).results())) == 1


def test_what_was_finished_before_a_process_died_is_there():
    lanes, seen = Lanes(work, items(kill=3, a=4), 2, kind), []
    with pytest.raises(concurrent.futures.BrokenExecutor):
        for item, _ in lanes.results():
            seen.append(item)
    assert ("kill", 0) in seen and {("a", number) for number in range(4)} <= set(seen)


def test_an_error_of_the_work_is_raised():
    with pytest.raises(ValueError, match="no such thing"):
        list(Lanes(work, items(a=2, fail=1), 2, kind).results())
