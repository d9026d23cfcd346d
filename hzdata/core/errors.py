"""Every failure, by name.

    Exception
    └─ HazelcastError                    whatever a member or this client reports
       ├─ HazelcastSqlError              a SQL statement failed (hzdata.core.sql)
       └─ one class for each error of the protocol, below

Members report errors as a code and the chain of causes; each class says its code in the protocol. A class that is
``retryable`` says that the operation did not take effect and may be tried again, which the client does by itself within
``invocation_timeout``.
"""

from __future__ import annotations

from typing import Any, TypeVar

_E = TypeVar("_E", bound=type["HazelcastError"])

ERRORS_BY_CODE: dict[int, type[Exception]] = {50: OSError}
"""The class of each error code of the protocol."""


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

    def __init_subclass__(cls, *, code: int | None = None, retryable: bool | None = None, **others: Any) -> None:
        super().__init_subclass__(**others)  # A user's class may have more bases.
        if code is not None:
            ERRORS_BY_CODE[code] = cls
        if retryable is not None:
            cls.retryable = retryable

    def __init__(self, message: object = None, cause: BaseException | None = None) -> None:
        super().__init__(message)
        if isinstance(cause, BaseException):  # Programs give a text, too.
            self.__cause__ = cause

    def __reduce__(self) -> tuple[Any, ...]:
        # As it is, whatever the class is made of: errors go from process to process.
        state = {**self.__dict__, "__cause__": self.__cause__, "__suppress_context__": self.__suppress_context__}
        return type(self).__new__, (type(self), *self.args), state

    def __str__(self) -> str:
        # The cause is not repeated here: tracebacks show it, and a message stays one sentence.
        return "" if self.args[0] is None else str(self.args[0])


ERRORS_BY_CODE[18] = HazelcastError


def retryable(cls: _E) -> _E:
    """Mark an error class as one after which the operation may be tried again."""
    cls.retryable = True
    return cls


class ArrayIndexOutOfBoundsError(HazelcastError, code=1):
    """An array was accessed on a member with an index outside it."""


class ArrayStoreError(HazelcastError, code=2):
    """A value of the wrong type was stored into an array on a member."""


class AuthenticationError(HazelcastError, code=3):
    """The member refused the cluster name or the credentials."""


class CacheNotExistsError(HazelcastError, code=6):
    """No cache of that name exists."""


class CallerNotMemberError(HazelcastError, code=8, retryable=True):
    """An operation reached a member from one that is not in its cluster."""


class CancellationError(HazelcastError, code=9):
    """A task was cancelled."""


class ClassCastError(HazelcastError, code=10):
    """A member met an object of another class than it expected."""


class ClassNotFoundError(HazelcastError, code=11):
    """A class is not on the member's class path."""


class ConcurrentModificationError(HazelcastError, code=12):
    """An object was changed while it was being iterated."""


class ConfigMismatchError(HazelcastError, code=13):
    """A configuration differs from the one that is already there."""


class ConfigurationError(HazelcastError):
    """A data structure is configured in a way that cannot work."""


class DistributedObjectDestroyedError(HazelcastError, code=14):
    """The data structure was destroyed."""


class DuplicateInstanceNameError(HazelcastError):
    """An instance of that name exists already."""


class HazelcastEOFError(HazelcastError, code=15):
    """Data ended before the object in it did."""


class ExecutionError(HazelcastError, code=17):
    """A task that ran on a member ended with an error."""


class HazelcastInstanceNotActiveError(HazelcastError, code=19):
    """The member is shutting down or not started."""


class HazelcastOverloadError(HazelcastError, code=20):
    """Too many operations are under way."""


class HazelcastSerializationError(HazelcastError, code=21):
    """An object could not be serialized, or data not be deserialized."""


class HazelcastIOError(HazelcastError, code=22):
    """Input or output failed."""


class IllegalArgumentError(HazelcastError, code=23):
    """An argument is not allowed."""


class IllegalAccessException(HazelcastError, code=24):
    """Java code on a member had no access to a class or member."""


class IllegalAccessError(HazelcastError, code=25):
    """Java code on a member was linked against something it may not access."""


class IllegalMonitorStateError(HazelcastError, code=26):
    """A lock was used by one that does not hold it."""


class IllegalStateError(HazelcastError, code=27):
    """An operation was called at a time when it is not allowed."""


class IllegalThreadStateError(HazelcastError, code=28):
    """A thread on a member is in the wrong state."""


class IndexOutOfBoundsError(HazelcastError, code=29):
    """An index is out of range."""


class HazelcastInterruptedError(HazelcastError, code=30):
    """A thread on a member was interrupted."""


class InvalidAddressError(HazelcastError, code=31):
    """An address is not valid."""


class InvalidConfigurationError(HazelcastError, code=32):
    """A configuration is not valid."""


class MemberLeftError(HazelcastError, code=33, retryable=True):
    """The member left the cluster while it was working on the operation."""


class NegativeArraySizeError(HazelcastError, code=34):
    """An array of negative size was asked for on a member."""


class NoSuchElementError(HazelcastError, code=35):
    """There is no such element."""


class NotSerializableError(HazelcastError, code=36):
    """An object on a member cannot be serialized."""


class NullPointerError(HazelcastError, code=37):
    """A null was met where a value is needed."""


class OperationTimeoutError(HazelcastError, code=38):
    """An operation did not end in time."""


class PartitionMigratingError(HazelcastError, code=39, retryable=True):
    """The partition is migrating; the operation may be tried again."""


class QueryError(HazelcastError, code=40):
    """A query failed."""


class QueryResultSizeExceededError(HazelcastError, code=41):
    """The result of a query is larger than the member allows."""


class SplitBrainProtectionError(HazelcastError, code=42):
    """The cluster is smaller than its split-brain protection demands."""


class ReachedMaxSizeError(HazelcastError, code=43):
    """A data structure is full."""


class RejectedExecutionError(HazelcastError, code=44):
    """An executor refused the task."""


class ResponseAlreadySentError(HazelcastError, code=45):
    """A member answered an operation twice."""


class RetryableHazelcastError(HazelcastError, code=46, retryable=True):
    """The operation failed for now and may be tried again."""


class RetryableIOError(HazelcastError, code=47, retryable=True):
    """Input or output failed for now; the operation may be tried again."""


class HazelcastRuntimeError(HazelcastError, code=48):
    """A member failed in a way that has no name of its own."""


class SecurityError(HazelcastError, code=49):
    """Something is not permitted."""


class SocketError(HazelcastError):
    """A socket of a member failed."""


class StaleSequenceError(HazelcastError, code=51):
    """The sequence is older than the oldest item that the ringbuffer still holds."""


class TargetDisconnectedError(HazelcastError, code=52):
    """The connection to the member closed while an operation was under way."""


class TargetNotMemberError(HazelcastError, code=53, retryable=True):
    """The target of the operation is not in the cluster."""


class HazelcastTimeoutError(HazelcastError, code=54):
    """Something did not end in time."""


class TopicOverloadError(HazelcastError, code=55):
    """The topic is full and its overload policy is ERROR."""


class TransactionError(HazelcastError, code=56):
    """A transaction failed."""


class TransactionNotActiveError(HazelcastError, code=57):
    """The transaction has not begun or has ended."""


class TransactionTimedOutError(HazelcastError, code=58):
    """The transaction took longer than its timeout."""


class URISyntaxError(HazelcastError, code=59):
    """A text is no URI."""


class UTFDataFormatError(HazelcastError, code=60):
    """Bytes are no modified UTF-8."""


class UnsupportedOperationError(HazelcastError, code=61):
    """The member does not offer the operation."""


class WrongTargetError(HazelcastError, code=62, retryable=True):
    """The operation reached a member that does not own the partition."""


class XAError(HazelcastError, code=63):
    """An XA transaction failed."""


class AccessControlError(HazelcastError, code=64):
    """The credentials do not allow the operation."""


class LoginError(HazelcastError, code=65):
    """A login failed."""


class UnsupportedCallbackError(HazelcastError, code=66):
    """A login module of the member met a callback that it does not know."""


class NoDataMemberInClusterError(HazelcastError, code=67):
    """The cluster has lite members only; nothing can hold data."""


class ReplicatedMapCantBeCreatedOnLiteMemberError(HazelcastError, code=68):
    """A lite member cannot hold a replicated map."""


class MaxMessageSizeExceededError(HazelcastError, code=69):
    """A message is larger than the member allows."""


class WANReplicationQueueFullError(HazelcastError, code=70):
    """The queue of WAN replication is full."""


class HazelcastAssertionError(HazelcastError, code=71):
    """An assertion failed on a member."""


class OutOfMemoryError(HazelcastError, code=72):
    """A member is out of memory."""


class StackOverflowError(HazelcastError, code=73):
    """A member's stack overflowed."""


class NativeOutOfMemoryError(HazelcastError, code=74):
    """A member is out of native memory."""


class ServiceNotFoundError(HazelcastError, code=75):
    """The member has no such service."""


class StaleTaskIdError(HazelcastError, code=76):
    """The task was disposed of."""


class DuplicateTaskError(HazelcastError, code=77):
    """A task of that name exists already."""


class StaleTaskError(HazelcastError, code=78):
    """The task was disposed of."""


class LocalMemberResetError(HazelcastError, code=79):
    """The member was reset while it was working on the operation."""


class IndeterminateOperationStateError(HazelcastError, code=80):
    """It is not known whether the operation took effect."""


class NodeIdOutOfRangeError(HazelcastError, code=81):
    """The member's id is too large to make flake ids."""


class TargetNotReplicaError(HazelcastError, code=82, retryable=True):
    """The member is no replica of the CRDT asked for."""


class MutationDisallowedError(HazelcastError, code=83):
    """A CRDT cannot be changed at the moment."""


class ConsistencyLostError(HazelcastError, code=84):
    """The session guarantees of a CRDT can no longer be kept."""


class HazelcastClientNotActiveError(HazelcastError):
    """The client was shut down."""


class HazelcastCertificationError(HazelcastError):
    """A certificate was not accepted."""


class ClientOfflineError(HazelcastError):
    """The client is not connected to a cluster at the moment."""


class ClientNotAllowedInClusterError(HazelcastError):
    """The cluster does not let this client in."""


class VersionMismatchError(HazelcastError, code=94):
    """A member of the cluster is of another version than needed."""


class NoSuchMethodError(HazelcastError, code=95):
    """Java code on a member was linked against a method that is not there."""


class NoSuchMethodException(HazelcastError, code=96):
    """A method is missing on a member."""


class NoSuchFieldError(HazelcastError, code=97):
    """Java code on a member was linked against a field that is not there."""


class NoSuchFieldException(HazelcastError, code=98):
    """A field is missing on a member."""


class NoClassDefFoundError(HazelcastError, code=99):
    """A class was there when Java code was compiled and is missing on the member."""


class UndefinedErrorCodeError(HazelcastError):
    """The member answered with an error that this client has no class for."""


class SessionExpiredError(HazelcastError, code=85):
    """The CP session expired."""


class WaitKeyCancelledError(HazelcastError, code=86):
    """Waiting for a CP primitive was cancelled."""


class LockAcquireLimitReachedError(HazelcastError, code=87):
    """The lock is held as often as its configuration allows."""


class LockOwnershipLostError(HazelcastError, code=88):
    """The lock is no longer held: its CP session ended."""


class CPGroupDestroyedError(HazelcastError, code=89):
    """The CP group was destroyed."""


class CannotReplicateError(HazelcastError, code=90, retryable=True):
    """The CP group's leader cannot replicate at the moment; may be tried again."""


class LeaderDemotedError(HazelcastError, code=91):
    """The CP group's leader was demoted while it was replicating."""


class StaleAppendRequestError(HazelcastError, code=92):
    """A CP member met an append request of an older term."""


class NotLeaderError(HazelcastError, code=93):
    """The CP member is not the leader of the group."""


class InvocationMightContainCompactDataError(HazelcastError):
    """An invocation must wait until Compact schemas are sent again."""


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

    error: Exception | None = None
    # The effect comes first, then its causes.
    for holder in reversed(decode_error_holders(error_message)):
        cls = ERRORS_BY_CODE.get(holder.error_code, UndefinedErrorCodeError)
        text = holder.message if holder.message is not None else holder.class_name
        if cls is UndefinedErrorCodeError:
            text = f"{holder.class_name} (code {holder.error_code}): {holder.message}"
        outer = cls(text)
        outer.__cause__ = error
        outer.java_stack_trace = [  # type: ignore[attr-defined]
            f"{f.class_name}.{f.method_name}({f.file_name or 'Unknown Source'}:{f.line_number})"
            for f in holder.stack_trace_elements
        ]
        error = outer
    return error if error is not None else HazelcastError("the member reported an error and said nothing about it")
