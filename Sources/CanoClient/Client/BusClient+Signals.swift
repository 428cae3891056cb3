public import CanoBus
import CanoPrimitives

/// Signals, which tell runs something from outside: a step may wait for them.
extension BusClient {
    /// Sends a signal to a run. It returns once Redis has the command, before a bridge has looked at it.
    ///
    /// The run need not wait, and need not have started: the signal is kept for it.
    ///
    /// - Parameters:
    ///   - name: What it is called: 1 to 100 characters of `A-Z a-z 0-9 . _ -`.
    ///   - data: What the run is told, up to 64 KiB of JSON.
    ///   - run: The run's id.
    ///   - messageID: 1 to 200 characters of `A-Z a-z 0-9 . _ : @ / -`. Of the signals to a run with the same one the first counts, so with one
    ///     this may be called again. `nil` when each counts.
    ///   - keep: How long it is kept for a run that has not started, as long as records at most; `nil` for an hour.
    ///   - replyName: Where the answer goes: a name, read from the stream `P:replies:<name>`.
    /// - Throws: ``ClientError`` with the code `unencodableInput`; `BusError` with the code `invalidName`; `RedisError`, after which a signal
    ///   without a message id may have been published.
    public func signal(
        _ name: String, data: some Encodable & Sendable, to run: String, messageID: String? = nil, keep: Duration? = nil,
        replyName: String? = nil
    ) async throws {
        try await signal(name, json: try Self.json(of: data, for: name), to: run, messageID: messageID, keep: keep, replyName: replyName)
    }

    /// Sends a signal whose data are JSON already, or `null`. See the first overload.
    public func signal(
        _ name: String, json data: JSONText = "null", to run: String, messageID: String? = nil, keep: Duration? = nil,
        replyName: String? = nil
    ) async throws {
        let command = try command(name, data, to: run, messageID, keep, replyName: replyName)
        try await onShard(ofRun: run) { _ = try await $0.publish(command, isIdempotent: messageID != nil) }
    }

    /// Sends a signal to a run, and waits until a bridge has taken it. What the run then does it does not wait for.
    ///
    /// - Parameters:
    ///   - name: What it is called; see ``signal(_:data:to:messageID:keep:replyName:)``.
    ///   - data: What the run is told.
    ///   - run: The run's id.
    ///   - messageID: What makes it count once.
    ///   - keep: How long it is kept for a run that has not started.
    ///   - limit: How long to wait.
    /// - Returns: What became of it.
    /// - Throws: ``ClientError`` with the code `rejected` when it can't be kept, as for a run that is over, or `timedOut` when no bridge took
    ///   it in time: it stays published, and a bridge may still take it; `BusError`; `RedisError`; `CancellationError`.
    @discardableResult
    public func signalAndWait(
        _ name: String, data: some Encodable & Sendable, to run: String, messageID: String? = nil, keep: Duration? = nil,
        within limit: Duration = .seconds(40)
    ) async throws -> SignalTaken {
        try await signalAndWait(name, json: try Self.json(of: data, for: name), to: run, messageID: messageID, keep: keep, within: limit)
    }

    /// Sends a signal whose data are JSON already, or `null`, and waits until a bridge has taken it. See the first overload.
    @discardableResult
    public func signalAndWait(
        _ name: String, json data: JSONText = "null", to run: String, messageID: String? = nil, keep: Duration? = nil,
        within limit: Duration = .seconds(40)
    ) async throws -> SignalTaken {
        let command = try command(name, data, to: run, messageID, keep, replyName: replyName)
        let answer: SignalAnswer? = try await onShard(ofRun: run) {
            // The record says nothing of single signals.
            try await $0.answerInTime(to: command, about: run, within: limit, isIdempotent: messageID != nil) { _ in nil }
        }
        switch answer {
        case .taken(let taken): return taken
        case .rejected(let code, let message): throw ClientError.rejected(code, message)
        case nil:
            throw ClientError(.timedOut, "No bridge took the signal in time. It stays on the stream, and a bridge may still take it.")
        }
    }

    private static func json(of data: some Encodable, for name: String) throws(ClientError) -> JSONText {
        do {
            return JSONText(String(decoding: try JSONValue.encode(data), as: UTF8.self))
        } catch {
            throw ClientError(.unencodableInput, "The data of the signal \"\(name)\" do not encode as JSON.", underlying: error)
        }
    }

    private func command(
        _ name: String, _ data: JSONText, to run: String, _ messageID: String?, _ keep: Duration?, replyName: String?
    ) throws(BusError) -> SignalCommand {
        try Self.require(name: name)
        try Self.require(run: run)
        if let messageID, !MessageID.isValid(messageID) {
            throw BusError(.invalidName, "The message id \"\(messageID)\" can't be used: choose \(MessageID.rule).")
        }
        if let replyName { try Self.require(name: replyName) }
        return SignalCommand(
            name, run: run, data: data.text, messageID: messageID, keep: keep?.wholeMilliseconds, replyName: replyName, trace: .current)
    }
}
