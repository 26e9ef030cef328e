"""Four machine words (or as many small numbers as they hold) at once: what counts are added up and compared with.

LLVM turns them into single instructions where the processor has such registers, and into several where it has none.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Arguments = tuple[ir.Value, ...]
Typed = tuple[Signature, Callable[[BaseContext, ir.IRBuilder, Signature, Arguments], ir.Value]]
"""What numba asks of an operation: its types, and what writes its code."""

Small = NDArray[np.int8] | NDArray[np.int16] | NDArray[np.int8 | np.int16]

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


def _numbers(context: BaseContext, builder: ir.IRBuilder, kind: types.Array, numbers: ir.Value, at: ir.Value) -> ir.Value:
    """Where as many small numbers begin as a vector holds."""
    bits = kind.dtype.bitwidth  # type: ignore[attr-defined] # as above
    data = context.make_array(kind)(context, builder, value=numbers).data  # type: ignore[no-untyped-call] # as above
    return builder.bitcast(builder.gep(data, [at]), ir.VectorType(ir.IntType(bits), _WHOLE.width // bits).as_pointer())


def _add_row(_typing: BaseContext, held: types.Array, rows: types.Array, _at: types.Type) -> Typed:
    def code(context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: Arguments) -> ir.Value:
        held, rows, at = arguments
        kind, bits = signature.args[0], signature.args[0].dtype.bitwidth
        many = context.make_array(kind)(context, builder, value=held).nitems  # type: ignore[no-untyped-call] # as above
        one = ir.Constant(many.type, _WHOLE.width // bits)
        with cgutils.for_range_slice(builder, ir.Constant(many.type, 0), many, one) as (step, _):
            to = _numbers(context, builder, kind, held, step)
            more = _numbers(context, builder, signature.args[1], rows, builder.add(at, step))
            added = builder.add(builder.load(to, align=bits // 8), builder.load(more, align=bits // 8))
            builder.store(added, to, align=bits // 8)
        return context.get_dummy_value()  # type: ignore[no-untyped-call] # as above

    return types.void(held, rows, types.int64), code


def _none_over(
    _typing: BaseContext,
    held: types.Array,
    _until: types.Type,
    _before: types.Type,
    bounds: types.Array,
    _at: types.Type,
    _many: types.Type,
) -> Typed:
    def code(context: BaseContext, builder: ir.IRBuilder, signature: Signature, arguments: Arguments) -> ir.Value:
        held, until, before, bounds, at, many = arguments
        bits = signature.args[0].dtype.bitwidth
        lanes = _WHOLE.width // bits
        vector, whole = ir.VectorType(ir.IntType(bits), lanes), ir.IntType(lanes)
        table = context.make_array(signature.args[3])(context, builder, value=bounds).data  # type: ignore[no-untyped-call] # as above
        first = ir.Constant(ir.IntType(32), 0)
        # below 0 while no count reaches its bound
        sign = cgutils.alloca_once_value(builder, ir.Constant(vector, [-1] * lanes))  # type: ignore[no-untyped-call] # as above
        with cgutils.for_range_slice(builder, ir.Constant(many.type, 0), many, ir.Constant(many.type, lanes)) as (step, _):
            later, earlier = (
                builder.load(_numbers(context, builder, signature.args[0], held, builder.add(begin, step)), align=bits // 8)
                for begin in (until, before)
            )
            which = builder.add(at, builder.sdiv(step, ir.Constant(step.type, lanes)))
            bound = builder.insert_element(ir.Constant(vector, ir.Undefined), builder.load(builder.gep(table, [which])), first)
            same = builder.shuffle_vector(bound, bound, ir.Constant(ir.VectorType(first.type, lanes), [0] * lanes))
            over = builder.sub(builder.sub(later, earlier), same)
            builder.store(builder.and_(builder.load(sign), over), sign)
        negative = builder.icmp_signed("<", builder.load(sign), ir.Constant(vector, [0] * lanes))
        return builder.icmp_unsigned("==", builder.bitcast(negative, whole), ir.Constant(whole, -1))

    number = types.int64
    return types.boolean(held, number, number, bounds, number, number), code


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
add_row = cast("Callable[[Small, Small, int], None]", intrinsic(_add_row))
"""Add the numbers of ``rows`` from the ``at``-th on, whatever row they stand in, to ``held``, as many as fill whole vectors."""
none_over = cast("Callable[[Small, int, int, Small, int, int], bool]", intrinsic(_none_over))
"""Whether ``held[until + i] - held[before + i]`` stays below ``bounds[at + i // lanes_of(held)]`` for all i below ``many``.

Vectors are whole: ``many`` is a multiple of the lanes. ``at`` counts from the first of all bounds. Differences wrap as the
numbers do."""


def lanes_of(kind: type[np.int8 | np.int16]) -> int:
    """How many such numbers a vector holds."""
    return int(_WHOLE.width) // np.iinfo(kind).bits
