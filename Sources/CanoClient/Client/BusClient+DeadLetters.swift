public import CanoBus
public import CanoRedis

/// Commands that could not be carried out.
extension BusClient {
    /// Dead letters, oldest first, with the ids of their entries.
    ///
    /// - Parameters:
    ///   - id: The entry after which to begin; ``CanoRedis/StreamEntryID/zero`` begins with the oldest.
    ///   - count: How many at most.
    /// - Returns: The letters.
    /// - Throws: `RedisError`.
    public func deadLetters(
        after id: StreamEntryID = .zero, count: Int = 100
    ) async throws -> [(id: StreamEntryID, letter: DeadLetter)] {
        guard let first = id.next else { return [] }
        return try await redis.execute(XRANGE(keys.deadLetters, from: first, count: count)).map { ($0.id, DeadLetter($0.fields)) }
    }

    /// Publishes the command of a dead letter again, and removes the letter. Correct the cause first.
    ///
    /// A crash in between leaves the letter: then the command is published twice when this is repeated. With an id, a start counts once.
    ///
    /// - Parameter id: The letter's entry.
    /// - Returns: The command's new entry.
    /// - Throws: ``ClientError`` with the code `notRequeueable` when the letter is gone, or that of a run that was quarantined, which
    ///   ``resume(_:replyName:)`` lets go on; `RedisError`.
    @discardableResult
    public func requeueDeadLetter(_ id: StreamEntryID) async throws -> StreamEntryID {
        guard let entry = try await redis.execute(XRANGE(keys.deadLetters, from: id, through: id)).first else {
            throw ClientError(.notRequeueable, "There is no dead letter \(id): it was removed, or is too old.")
        }
        let letter = DeadLetter(entry.fields)
        guard !letter.isQuarantine else {
            throw ClientError(
                .notRequeueable, "The dead letter \(id) is of a run that was quarantined: once its cause is gone, resume the run.")
        }
        let fields = letter.command.map { (name: String(decoding: $0.name, as: UTF8.self), value: $0.value) }
        guard let again = try await redis.execute(XADD(keys.inbound(letter.stream), fields)) else {
            throw RedisError(.unexpectedReply, "XADD answered no entry id")
        }
        try await deleteDeadLetter(id)
        return again
    }

    /// Removes a dead letter.
    ///
    /// - Throws: `RedisError`.
    public func deleteDeadLetter(_ id: StreamEntryID) async throws {
        _ = try await redis.execute(XDEL(keys.deadLetters, [id]))
    }
}
