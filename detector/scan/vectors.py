"""Four machine words at once: what packed counts are added up and compared with, in the processor's wide registers.

LLVM turns them into single instructions where the processor has such registers, and into several where it has none.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Arguments = tuple[ir.Value, ...]
Typed = tuple[Signature, Callable[[BaseContext, ir.IRBuilder, Signature, Arguments], ir.Value]]
"""What numba asks of an operation: its types, and what writes its code."""

WORDS = 4
_WORD = ir.IntType(64)
_VECTOR = ir.VectorType(_WORD, WORDS)
_WHOLE = ir.IntType(64 * WORDS)
_ALIGNED = 8


class Four:
    """Four words, as compiled code sees them; nothing that the interpreter could hold."""


class _FourType(types.Type):
    """Its type to numba."""


_FOUR = _FourType(name="FourWords")


@register_model(_FourType)
class _FourModel(models.PrimitiveModel):
    def __init__(self, manager: object, kind: object) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call] # numba has no types


def _place(context: BaseContext, builder: ir.IRBuilder, kind: types.Array, words: ir.Value, at: ir.Value) -> ir.Value:
    data = context.make_array(kind)(context, builder, value=words).data  # type: ignore[no-untyped-call] # numba has no types
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


def _loaded(context: BaseContext, builder: ir.IRBuilder, kind: types.Array, words: ir.Value, at: ir.Value) -> ir.Value:
    return builder.load(_place(context, builder, kind, words, at), align=_ALIGNED)


def _nothing(_typing: BaseContext) -> Typed:
    def code(_context: BaseContext, _builder: ir.IRBuilder, _signature: Signature, _arguments: Arguments) -> ir.Value:
        return ir.Constant(_VECTOR, [0] * WORDS)

    return _FOUR(), code


def _with_words(_typing: BaseContext, held: types.Type, words: types.Array, _at: types.Type) -> Typed:
    def code(context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: Arguments) -> ir.Value:
        more = _loaded(context, builder, signature.args[1], arguments[1], arguments[2])
        return builder.add(arguments[0], more)

    return _FOUR(held, words, types.int64), code


def _put(_typing: BaseContext, held: types.Type, words: types.Array, _at: types.Type) -> Typed:
    def code(context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: Arguments) -> ir.Value:
        builder.store(arguments[0], _place(context, builder, signature.args[1], arguments[1], arguments[2]), align=_ALIGNED)
        return context.get_dummy_value()  # type: ignore[no-untyped-call] # numba has no types

    return types.void(held, words, types.int64), code


def _either(_typing: BaseContext, one: types.Type, other: types.Type) -> Typed:
    def code(_context: BaseContext, builder: ir.IRBuilder, _signature: Signature, arguments: Arguments) -> ir.Value:
        return builder.or_(*arguments)

    return _FOUR(one, other), code


def _any_reaches(_typing: BaseContext, held: types.Type, guards: types.Type, bounds: types.Array, _at: types.Type) -> Typed:
    def code(context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: Arguments) -> ir.Value:
        bound = _loaded(context, builder, signature.args[2], arguments[2], arguments[3])
        over = builder.and_(builder.sub(builder.or_(arguments[0], arguments[1]), bound), arguments[1])
        return builder.icmp_unsigned("!=", builder.bitcast(over, _WHOLE), ir.Constant(_WHOLE, 0))

    return types.boolean(held, guards, bounds, types.int64), code


def _word(_typing: BaseContext, held: types.Type, _number: types.Type) -> Typed:
    def code(_context: BaseContext, builder: ir.IRBuilder, _signature: Signature, arguments: Arguments) -> ir.Value:
        return builder.extract_element(arguments[0], arguments[1])

    return types.uint64(held, types.int64), code


def _lowest(_typing: BaseContext, _word: types.Type) -> Typed:
    def code(_context: BaseContext, builder: ir.IRBuilder, _signature: Signature, arguments: Arguments) -> ir.Value:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), code


nothing = cast("Callable[[], Four]", intrinsic(_nothing))
"""Four words of 0."""
with_words = cast("Callable[[Four, Words, int], Four]", intrinsic(_with_words))
"""``held`` and the four words from ``at`` on added up, word by word."""
put = cast("Callable[[Four, Words, int], None]", intrinsic(_put))
"""Write ``held`` over the four words from ``at`` on."""
either = cast("Callable[[Four, Four], Four]", intrinsic(_either))
"""The bits that stand in one or the other."""
any_reaches = cast("Callable[[Four, Four, Words, int], bool]", intrinsic(_any_reaches))
"""Whether any lane of ``held`` is at least the lane of the four ``bounds`` from ``at`` on.

``guards`` has every lane's highest bit, which must be free in both."""
word = cast("Callable[[Four, int], np.uint64]", intrinsic(_word))
"""One of the four."""
lowest = cast("Callable[[np.uint64], int]", intrinsic(_lowest))
"""The number of the lowest bit that stands; 64 where none does."""
