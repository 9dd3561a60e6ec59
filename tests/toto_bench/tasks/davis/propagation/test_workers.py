"""Covers: every piece is done once; modes and errors carry over; the caller's threads stay as they are."""

import os
import threading

import pytest
import torch

from toto_bench.tasks.davis.propagation import propagate
from toto_bench.tasks.davis.propagation.workers import count_workers, share_out


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_piece_is_worked_on_once(workers):
    done, lock = [], threading.Lock()

    def work(piece, worker):
        assert 0 <= worker < workers
        with lock:
            done.append(piece)

    before = torch.get_num_threads()
    share_out(range(50), workers, work)
    assert sorted(done) == list(range(50))
    torch.set_num_threads(before)


def test_threads_of_the_caller_stay(make):
    before = torch.get_num_threads()
    propagate(make.moving((6, 9)), make.one_hot((6, 9)))
    assert torch.get_num_threads() == before == count_workers(torch.device("cpu"))
    counts = []
    thread = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert counts == [before]


def test_workers_use_one_thread_each():
    counts = []
    share_out(range(8), 2, lambda piece, worker: counts.append(torch.get_num_threads()))
    assert counts == [1] * 8
    torch.set_num_threads(torch.get_num_threads())


def test_an_error_reaches_the_caller():
    def work(piece, worker):
        raise KeyError(piece)

    with pytest.raises(KeyError):
        share_out([1, 2], 2, work)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_does_not_change_the_labels(make, dense, threads):
    features, mask = make.moving((9, 14)), make.one_hot((9, 14))
    settings = {"context_frames": 3, "top_k": 5, "radius": 3, "temperature": 0.1}
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        soft = propagate(features, mask, **settings)
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(soft, dense["dino"](features, mask, **settings), atol=1e-5, rtol=0)


def test_inference_mode(make):
    features, mask = make.moving((6, 9)), make.one_hot((6, 9))
    expected = propagate(features, mask)
    with torch.inference_mode():
        assert torch.equal(propagate(features, mask), expected)


def test_features_with_gradients(make):
    soft = propagate(make.moving((6, 9)).requires_grad_(), make.one_hot((6, 9)))
    assert not soft.requires_grad


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_can_propagate_too(make):
    features, mask = make.moving((6, 9)), make.one_hot((6, 9))
    propagate(features, mask)
    child = os.fork()
    if child == 0:
        torch.set_num_threads(2)
        propagate(features, mask)
        os._exit(0)
    deadline = threading.Timer(60, os.kill, (child, 9))
    deadline.start()
    assert os.waitpid(child, 0)[1] == 0
    deadline.cancel()
