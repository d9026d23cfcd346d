"""Every failure, by name.

    Exception
    └─ HazelcastError                    whatever a member or this client reports
       ├─ HazelcastSqlError              a SQL statement failed (hzdata.core.sql)
       └─ one class for each error of the protocol, below

Members report errors as a code and the chain of causes; ``ERRORS_BY_CODE`` is the table from one to the other. A class
that is ``retryable`` says that the operation did not take effect and may be tried again, which the client does by
itself within ``invocation_timeout``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .protocol.custom_types import ErrorHolder

_E = TypeVar("_E", bound=type["HazelcastError"])


class HazelcastError(Exception):
    """Base of all errors that a member or this client reports.

    Parameters
    ----------
    message
        What happened.
    cause
        What made it happen, when that is known.
    """

    retryable = False

    def __init__(self, message: object = None, cause: BaseException | None = None) -> None:
        super().__init__(message)
        if cause is not None:
            self.__cause__ = cause

    def __str__(self) -> str:
        # The cause is not repeated here: tracebacks show it, and a message stays one sentence.
        return "" if self.args[0] is None else str(self.args[0])


def retryable(cls: _E) -> _E:
    """Mark an error class as one after which the operation may be tried again."""
    cls.retryable = True
    return cls


class ArrayIndexOutOfBoundsError(HazelcastError):
    """An array was accessed on a member with an index outside it."""


class ArrayStoreError(HazelcastError):
    """A value of the wrong type was stored into an array on a member."""


class AuthenticationError(HazelcastError):
    """The member refused the cluster name or the credentials."""


class CacheNotExistsError(HazelcastError):
    """No cache of that name exists."""


class CallerNotMemberError(HazelcastError):
    """An operation reached a member from one that is not in its cluster."""

    retryable = True


class CancellationError(HazelcastError):
    """A task was cancelled."""


class ClassCastError(HazelcastError):
    """A member met an object of another class than it expected."""


class ClassNotFoundError(HazelcastError):
    """A class is not on the member's class path."""


class ConcurrentModificationError(HazelcastError):
    """An object was changed while it was being iterated."""


class ConfigMismatchError(HazelcastError):
    """A configuration differs from the one that is already there."""


class ConfigurationError(HazelcastError):
    """A data structure is configured in a way that cannot work."""


class DistributedObjectDestroyedError(HazelcastError):
    """The data structure was destroyed."""


class DuplicateInstanceNameError(HazelcastError):
    """An instance of that name exists already."""


class HazelcastEOFError(HazelcastError):
    """Data ended before the object in it did."""


class ExecutionError(HazelcastError):
    """A task that ran on a member ended with an error."""


class HazelcastInstanceNotActiveError(HazelcastError):
    """The member is shutting down or not started."""


class HazelcastOverloadError(HazelcastError):
    """Too many operations are under way."""


class HazelcastSerializationError(HazelcastError):
    """An object could not be serialized, or data not be deserialized."""


class HazelcastIOError(HazelcastError):
    """Input or output failed."""


class IllegalArgumentError(HazelcastError):
    """An argument is not allowed."""


class IllegalAccessException(HazelcastError):
    """Java code on a member had no access to a class or member."""


class IllegalAccessError(HazelcastError):
    """Java code on a member was linked against something it may not access."""


class IllegalMonitorStateError(HazelcastError):
    """A lock was used by one that does not hold it."""


class IllegalStateError(HazelcastError):
    """An operation was called at a time when it is not allowed."""


class IllegalThreadStateError(HazelcastError):
    """A thread on a member is in the wrong state."""


class IndexOutOfBoundsError(HazelcastError):
    """An index is out of range."""


class HazelcastInterruptedError(HazelcastError):
    """A thread on a member was interrupted."""


class InvalidAddressError(HazelcastError):
    """An address is not valid."""


class InvalidConfigurationError(HazelcastError):
    """A configuration is not valid."""


class MemberLeftError(HazelcastError):
    """The member left the cluster while it was working on the operation."""

    retryable = True


class NegativeArraySizeError(HazelcastError):
    """An array of negative size was asked for on a member."""


class NoSuchElementError(HazelcastError):
    """There is no such element."""


class NotSerializableError(HazelcastError):
    """An object on a member cannot be serialized."""


class NullPointerError(HazelcastError):
    """A null was met where a value is needed."""


class OperationTimeoutError(HazelcastError):
    """An operation did not end in time."""


class PartitionMigratingError(HazelcastError):
    """The partition is migrating; the operation may be tried again."""

    retryable = True


class QueryError(HazelcastError):
    """A query failed."""


class QueryResultSizeExceededError(HazelcastError):
    """The result of a query is larger than the member allows."""


class SplitBrainProtectionError(HazelcastError):
    """The cluster is smaller than its split-brain protection demands."""


class ReachedMaxSizeError(HazelcastError):
    """A data structure is full."""


class RejectedExecutionError(HazelcastError):
    """An executor refused the task."""


class ResponseAlreadySentError(HazelcastError):
    """A member answered an operation twice."""


class RetryableHazelcastError(HazelcastError):
    """The operation failed for now and may be tried again."""

    retryable = True


class RetryableIOError(HazelcastError):
    """Input or output failed for now; the operation may be tried again."""

    retryable = True


class HazelcastRuntimeError(HazelcastError):
    """A member failed in a way that has no name of its own."""


class SecurityError(HazelcastError):
    """Something is not permitted."""


class SocketError(HazelcastError):
    """A socket of a member failed."""


class StaleSequenceError(HazelcastError):
    """The sequence is older than the oldest item that the ringbuffer still holds."""


class TargetDisconnectedError(HazelcastError):
    """The connection to the member closed while an operation was under way."""


class TargetNotMemberError(HazelcastError):
    """The target of the operation is not in the cluster."""

    retryable = True


class HazelcastTimeoutError(HazelcastError):
    """Something did not end in time."""


class TopicOverloadError(HazelcastError):
    """The topic is full and its overload policy is ERROR."""


class TransactionError(HazelcastError):
    """A transaction failed."""


class TransactionNotActiveError(HazelcastError):
    """The transaction has not begun or has ended."""


class TransactionTimedOutError(HazelcastError):
    """The transaction took longer than its timeout."""


class URISyntaxError(HazelcastError):
    """A text is no URI."""


class UTFDataFormatError(HazelcastError):
    """Bytes are no modified UTF-8."""


class UnsupportedOperationError(HazelcastError):
    """The member does not offer the operation."""


class WrongTargetError(HazelcastError):
    """The operation reached a member that does not own the partition."""

    retryable = True


class XAError(HazelcastError):
    """An XA transaction failed."""


class AccessControlError(HazelcastError):
    """The credentials do not allow the operation."""


class LoginError(HazelcastError):
    """A login failed."""


class UnsupportedCallbackError(HazelcastError):
    """A login module of the member met a callback that it does not know."""


class NoDataMemberInClusterError(HazelcastError):
    """The cluster has lite members only; nothing can hold data."""


class ReplicatedMapCantBeCreatedOnLiteMemberError(HazelcastError):
    """A lite member cannot hold a replicated map."""


class MaxMessageSizeExceededError(HazelcastError):
    """A message is larger than the member allows."""


class WANReplicationQueueFullError(HazelcastError):
    """The queue of WAN replication is full."""


class HazelcastAssertionError(HazelcastError):
    """An assertion failed on a member."""


class OutOfMemoryError(HazelcastError):
    """A member is out of memory."""


class StackOverflowError(HazelcastError):
    """A member's stack overflowed."""


class NativeOutOfMemoryError(HazelcastError):
    """A member is out of native memory."""


class ServiceNotFoundError(HazelcastError):
    """The member has no such service."""


class StaleTaskIdError(HazelcastError):
    """The task was disposed of."""


class DuplicateTaskError(HazelcastError):
    """A task of that name exists already."""


class StaleTaskError(HazelcastError):
    """The task was disposed of."""


class LocalMemberResetError(HazelcastError):
    """The member was reset while it was working on the operation."""


class IndeterminateOperationStateError(HazelcastError):
    """It is not known whether the operation took effect."""


class NodeIdOutOfRangeError(HazelcastError):
    """The member's id is too large to make flake ids."""


class TargetNotReplicaError(HazelcastError):
    """The member is no replica of the CRDT asked for."""

    retryable = True


class MutationDisallowedError(HazelcastError):
    """A CRDT cannot be changed at the moment."""


class ConsistencyLostError(HazelcastError):
    """The session guarantees of a CRDT can no longer be kept."""


class HazelcastClientNotActiveError(HazelcastError):
    """The client was shut down."""


class HazelcastCertificationError(HazelcastError):
    """A certificate was not accepted."""


class ClientOfflineError(HazelcastError):
    """The client is not connected to a cluster at the moment."""


class ClientNotAllowedInClusterError(HazelcastError):
    """The cluster does not let this client in."""


class VersionMismatchError(HazelcastError):
    """A member of the cluster is of another version than needed."""


class NoSuchMethodError(HazelcastError):
    """Java code on a member was linked against a method that is not there."""


class NoSuchMethodException(HazelcastError):
    """A method is missing on a member."""


class NoSuchFieldError(HazelcastError):
    """Java code on a member was linked against a field that is not there."""


class NoSuchFieldException(HazelcastError):
    """A field is missing on a member."""


class NoClassDefFoundError(HazelcastError):
    """A class was there when Java code was compiled and is missing on the member."""


class UndefinedErrorCodeError(HazelcastError):
    """The member answered with an error that this client has no class for."""


class SessionExpiredError(HazelcastError):
    """The CP session expired."""


class WaitKeyCancelledError(HazelcastError):
    """Waiting for a CP primitive was cancelled."""


class LockAcquireLimitReachedError(HazelcastError):
    """The lock is held as often as its configuration allows."""


class LockOwnershipLostError(HazelcastError):
    """The lock is no longer held: its CP session ended."""


class CPGroupDestroyedError(HazelcastError):
    """The CP group was destroyed."""


class CannotReplicateError(HazelcastError):
    """The CP group's leader cannot replicate at the moment; may be tried again."""

    retryable = True


class LeaderDemotedError(HazelcastError):
    """The CP group's leader was demoted while it was replicating."""


class StaleAppendRequestError(HazelcastError):
    """A CP member met an append request of an older term."""


class NotLeaderError(HazelcastError):
    """The CP member is not the leader of the group."""


class InvocationMightContainCompactDataError(HazelcastError):
    """An invocation must wait until Compact schemas are sent again."""


ERRORS_BY_CODE: dict[int, type[Exception]] = {
    1: ArrayIndexOutOfBoundsError,
    2: ArrayStoreError,
    3: AuthenticationError,
    6: CacheNotExistsError,
    8: CallerNotMemberError,
    9: CancellationError,
    10: ClassCastError,
    11: ClassNotFoundError,
    12: ConcurrentModificationError,
    13: ConfigMismatchError,
    14: DistributedObjectDestroyedError,
    15: HazelcastEOFError,
    17: ExecutionError,
    18: HazelcastError,
    19: HazelcastInstanceNotActiveError,
    20: HazelcastOverloadError,
    21: HazelcastSerializationError,
    22: HazelcastIOError,
    23: IllegalArgumentError,
    24: IllegalAccessException,
    25: IllegalAccessError,
    26: IllegalMonitorStateError,
    27: IllegalStateError,
    28: IllegalThreadStateError,
    29: IndexOutOfBoundsError,
    30: HazelcastInterruptedError,
    31: InvalidAddressError,
    32: InvalidConfigurationError,
    33: MemberLeftError,
    34: NegativeArraySizeError,
    35: NoSuchElementError,
    36: NotSerializableError,
    37: NullPointerError,
    38: OperationTimeoutError,
    39: PartitionMigratingError,
    40: QueryError,
    41: QueryResultSizeExceededError,
    42: SplitBrainProtectionError,
    43: ReachedMaxSizeError,
    44: RejectedExecutionError,
    45: ResponseAlreadySentError,
    46: RetryableHazelcastError,
    47: RetryableIOError,
    48: HazelcastRuntimeError,
    49: SecurityError,
    50: OSError,
    51: StaleSequenceError,
    52: TargetDisconnectedError,
    53: TargetNotMemberError,
    54: HazelcastTimeoutError,
    55: TopicOverloadError,
    56: TransactionError,
    57: TransactionNotActiveError,
    58: TransactionTimedOutError,
    59: URISyntaxError,
    60: UTFDataFormatError,
    61: UnsupportedOperationError,
    62: WrongTargetError,
    63: XAError,
    64: AccessControlError,
    65: LoginError,
    66: UnsupportedCallbackError,
    67: NoDataMemberInClusterError,
    68: ReplicatedMapCantBeCreatedOnLiteMemberError,
    69: MaxMessageSizeExceededError,
    70: WANReplicationQueueFullError,
    71: HazelcastAssertionError,
    72: OutOfMemoryError,
    73: StackOverflowError,
    74: NativeOutOfMemoryError,
    75: ServiceNotFoundError,
    76: StaleTaskIdError,
    77: DuplicateTaskError,
    78: StaleTaskError,
    79: LocalMemberResetError,
    80: IndeterminateOperationStateError,
    81: NodeIdOutOfRangeError,
    82: TargetNotReplicaError,
    83: MutationDisallowedError,
    84: ConsistencyLostError,
    85: SessionExpiredError,
    86: WaitKeyCancelledError,
    87: LockAcquireLimitReachedError,
    88: LockOwnershipLostError,
    89: CPGroupDestroyedError,
    90: CannotReplicateError,
    91: LeaderDemotedError,
    92: StaleAppendRequestError,
    93: NotLeaderError,
    94: VersionMismatchError,
    95: NoSuchMethodError,
    96: NoSuchMethodException,
    97: NoSuchFieldError,
    98: NoSuchFieldException,
    99: NoClassDefFoundError,
}
"""The class of each error code of the protocol."""


def is_retryable_error(error: object) -> bool:
    """Whether ``error`` says that the operation did not take effect and may be tried again."""
    return bool(getattr(error, "retryable", False))


def create_error_from_message(error_message: Any) -> Exception:
    """Build the exception that an error response carries, with its causes chained.

    Parameters
    ----------
    error_message : hzdata.core.protocol.framing.Message
        A message of type 0.

    Returns
    -------
    Exception
        The error of the first holder; ``__cause__`` leads through the others. The Java stack trace is in
        ``java_stack_trace``.
    """
    from .protocol.types import decode_error_holders

    return error_from_holders(decode_error_holders(error_message))


def error_from_holders(holders: Sequence[ErrorHolder]) -> Exception:
    """Chain the errors of a response: effect first, then its causes."""
    error: Exception | None = None
    for holder in reversed(holders):
        cls = ERRORS_BY_CODE.get(holder.error_code, UndefinedErrorCodeError)
        text = holder.message if holder.message is not None else holder.class_name
        if cls is UndefinedErrorCodeError:
            text = f"{holder.class_name} (code {holder.error_code}): {holder.message}"
        outer = cls(text, error) if issubclass(cls, HazelcastError) else cls(text)
        outer.__cause__ = error
        outer.java_stack_trace = [  # type: ignore[attr-defined]
            f"{f.class_name}.{f.method_name}({f.file_name or 'Unknown Source'}:{f.line_number})"
            for f in holder.stack_trace_elements
        ]
        error = outer
    return error if error is not None else HazelcastError("the member reported an error and said nothing about it")
