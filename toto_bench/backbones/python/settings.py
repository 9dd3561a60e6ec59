"""Attributes of modules as JSON: equal settings read equal in every process."""

import dataclasses
import hashlib
import inspect
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Set
from enum import Enum
from functools import partial
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from toto_bench.backbones.tensors import bytes_of, has_values

Json: TypeAlias = Any
"""Numbers, words, and lists of them."""
_PLAIN = (type(None), bool, int, float, str)
_DEEPEST = 20
"""Levels of containers; what holds itself ends here."""


class Settings:
    """Reads settings of one model: numbers, words, functions, classes, tensors, and what holds them.

    Of other objects only the class is known. Devices are no settings: they change no result.
    """

    def __init__(self, known: Iterable[object] = ()) -> None:
        """`known`: parts, parameters and buffers, which have an identity of their own wherever they are mentioned."""
        self._known = {id(part) for part in known}

    def read(self, value: Any, depth: int = _DEEPEST) -> Json:
        """What JSON can hold, and what is equal for equal settings."""
        if type(value) in _PLAIN:
            return value
        if id(value) in self._known or not depth:
            return _name(type(value))
        if isinstance(value, tuple | list):
            return [self.read(part, depth - 1) for part in value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self.read(_fields(value), depth - 1)
        for kind, unfold in _RULES:
            if isinstance(value, kind):
                return self.read(unfold(value), depth - 1)
        return _name(type(value))


def read_tensor(tensor: Tensor) -> list[Json]:
    """Number type, shape and a hash of the bytes."""
    if not has_values(tensor):
        return [str(tensor.dtype)]
    return [str(tensor.dtype), list(tensor.shape), _hash(bytes_of(tensor))]


def _attribute(tensor: Tensor) -> list[Json] | None:
    """Nothing of what a forward pass of the training has left behind."""
    return None if tensor.grad_fn else read_tensor(tensor)


def _array(array: np.ndarray[Any, Any]) -> list[Json]:
    return [str(array.dtype), list(array.shape), _hash(np.ascontiguousarray(array).tobytes())]


def _pairs(mapping: Mapping[Any, Any]) -> list[Any]:
    """Sorted by key: the order in which a dictionary was filled is no setting."""
    return sorted(([str(key), value] for key, value in mapping.items()), key=lambda pair: str(pair[0]))


def _fields(instance: Any) -> list[Any]:
    return [
        type(instance),
        *((field.name, getattr(instance, field.name, None)) for field in dataclasses.fields(instance)),
    ]


def _function(function: FunctionType) -> Json:
    """Its name; of one that has none of its own (a lambda), what it does."""
    if "<" not in function.__qualname__:
        return _name(function)
    code = function.__code__
    around = inspect.getclosurevars(function).nonlocals
    return [
        _name(function),
        _hash(code.co_code),
        code.co_consts,
        code.co_names,
        function.__defaults__,
        around,
    ]


def _name(thing: Any) -> str:
    return f"{getattr(thing, '__module__', None)}.{thing.__qualname__}"


def _hash(content: Any) -> str:
    return hashlib.sha256(content).hexdigest()


_RULES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (np.generic, lambda value: value.item()),
    (
        Enum | torch.dtype | PurePath | complex | range | slice,
        lambda value: f"{_name(type(value))} {value!r}",
    ),
    (str, str.__str__),
    (int, int),
    (float, float),
    (Tensor, _attribute),
    (np.ndarray, _array),
    (bytes | bytearray, _hash),
    (type | BuiltinFunctionType, _name),
    (FunctionType, _function),
    (MethodType, lambda method: method.__func__),
    (partial, lambda value: [value.func, value.args, value.keywords]),
    (Set, lambda value: sorted(value, key=str)),
    (Namespace | SimpleNamespace, vars),
    (Mapping, _pairs),
    (nn.Module, lambda module: [type(module), module.state_dict()]),
)
"""Kinds of values, the first that fits counts, and what each consists of."""
