public import CanoBus

/// Why a client did not get what it asked the bus for.
///
/// What goes wrong on the way to Redis is a `RedisError`, and what the contract does not allow a `BusError`.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// The command was not carried out; ``ClientError/rejection`` says why. It is among the dead letters.
        case rejected
        /// The run failed; ``ClientError/failure`` says why.
        case runFailed
        /// The run was cancelled.
        case runCancelled
        /// The run did not end as it was asked to: it had ended before, or ended otherwise first.
        case runNotCancelled
        /// The id belongs to a run of another workflow, or with another input: what came of it is no answer to this.
        case otherRun
        /// The time to wait is over. Nothing is known of the run but that: it may go on.
        case timedOut
        /// The run is not one that failed and can go on.
        case notResumable
        /// No run has the id. Records are removed some time after their run has ended.
        case unknownRun
        /// The input, or what a signal has to say, does not encode as JSON.
        case unencodableInput
        /// The output does not decode as what the workflow is said to answer.
        case unreadableOutput
        /// The run has completed, and its output has been removed since, with its record.
        case outputGone
        /// There is no such dead letter: it was removed, or is too old.
        case unknownDeadLetter
        /// A dead letter can't be published again.
        case notRequeueable
        /// The bus is one that bridges serve, or have served, and is to be used without them: for a check of a worker.
        case busInUse
        /// Runs that completed are in no list.
        case notListed
        /// The bus has another number of shards than the client was told: it would look for runs where they are not.
        case wrongShards
        /// The client stops.
        case stopped
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String
    /// Why a command was rejected, for programs; nil of other failures.
    public let rejection: RejectionCode?
    /// Why the run failed; nil of other failures, and of a run that is only known to have failed.
    public let failure: RunFailure?
    /// The error behind it, if any.
    public let underlying: (any Error)?

    package init(
        _ code: Code, _ message: String, rejection: RejectionCode? = nil, failure: RunFailure? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.rejection = rejection
        self.failure = failure
        self.underlying = underlying
    }

    /// A command that was not carried out.
    static func rejected(_ code: RejectionCode, _ message: String) -> ClientError {
        ClientError(.rejected, "The command was rejected (\(code.rawValue)): \(message)", rejection: code)
    }

    /// There is no record of a run.
    package static func unknownRun(_ run: String) -> ClientError {
        ClientError(
            .unknownRun,
            """
            No run has the id "\(run)". Its start may still wait for a bridge (cano-bridge doctor), may have been rejected (cano-bridge dead-letters), or \
            its record is gone, as all are some time after their run has ended.
            """)
    }

    /// A run was to go on that can't.
    package static func notResumable(_ run: String, _ record: RunRecord) -> ClientError {
        let why =
            switch record.status {
            case .failed, .cancelled: "it \(record.status == .failed ? "failed" : "was cancelled"), and all that it had done was undone"
            case .completed: "it has completed"
            case .running, .waiting, .scheduled: "it is not over"
            }
        return ClientError(
            .notResumable,
            "The run \"\(run)\" can't be resumed: \(why). Start another with its input (cano-bridge status \(run) --json).")
    }

    /// A list was asked for that there is none of.
    static var notListed: ClientError {
        ClientError(
            .notListed,
            """
            Runs that completed are in no list, nor are cancelled ones that were undone: follow the events, or look at a run by its id.
            """)
    }

    /// A shard says that it is one of another number than the client was told.
    static func wrongShards(_ prefix: String, ofThem said: String, told count: Int) -> ClientError {
        ClientError(
            .wrongShards,
            """
            "\(prefix)" is a shard of a bus of \(said) shards, and this client was told \(count): give it the prefix of the whole bus, and \(said) \
            as the number of its shards.
            """)
    }

    /// A dead letter was asked for that is not there.
    static func noDeadLetter(_ id: some CustomStringConvertible) -> ClientError {
        ClientError(.unknownDeadLetter, "There is no dead letter \(id): it was removed, or is too old.")
    }

    /// A dead letter was asked for without the shard that has it.
    static func noShardOfDeadLetter(_ id: some CustomStringConvertible) -> ClientError {
        ClientError(
            .unknownDeadLetter, "\"\(id)\" names no dead letter of a bus of several shards: name it with its shard, as lists do: \(id)@3.")
    }

    /// The message, and the error behind it.
    public var description: String {
        guard let underlying else { return message }
        return "\(message) (\(underlying))"
    }
}
