public import CanoBus
import CanoCore
import CanoPrimitives

/// A run on a bus, as a client sees it. It goes on whether or not a client looks.
public struct BusRun<Output: Sendable>: Sendable {
    /// The run's id.
    public let id: String
    private let read: @Sendable (String) throws -> Output
    /// How it was started; nil when that happened elsewhere.
    private let start: StartCommand?
    private let bus: BusClient

    /// How often the record of a run that was started elsewhere is looked at: often at first.
    private static var backoff: Backoff { Backoff(base: .milliseconds(50), multiplier: 1.5, cap: .seconds(1)) }

    init<Input>(_ id: String, of workflow: WorkflowReference<Input, Output>, start: StartCommand?, on bus: BusClient) {
        self.id = id
        read = { json in try workflow.output(json) }
        self.start = start
        self.bus = bus
    }

    /// Waits for the run's output. Cancelling the caller ends the wait, and not the run.
    ///
    /// Ask while the run's record is kept: of a run that this client has started, the start is published once more, and from the end of that
    /// time on its id is new.
    ///
    /// - Parameter limit: How long to wait; `nil` for as long as it takes.
    /// - Returns: The output.
    /// - Throws: ``ClientError`` when the start was rejected, the run did not complete, its id belongs to another run, the time to wait is
    ///   over, or, of a run that was started elsewhere, no run has the id; `BusError`; `RedisError`; `CancellationError`.
    public func output(within limit: Duration? = nil) async throws -> Output {
        // The same start once more joins the run, or tells why it was rejected.
        if let start { return try read(try await bus.output(of: start, within: limit)) }
        let answer = try await answer(within: limit)
        return try read(try await bus.onShard(ofRun: id) { try await $0.output(answer, of: id) })
    }

    /// How a run has ended that was started elsewhere.
    private func answer(within limit: Duration?) async throws -> RunAnswer {
        let deadline = limit.map { bus.first.clock.now.advanced(by: $0) }
        var looks = 0
        while true {
            guard let record = try await record() else {
                throw ClientError.unknownRun(id)
            }
            if let answer = try RunAnswer(record) { return answer }
            if let deadline, bus.first.clock.now >= deadline {
                throw ClientError(.timedOut, "The run \"\(id)\" has not ended in time, and goes on.")
            }
            looks += 1
            try await bus.first.clock.sleep(for: Self.backoff.delay(afterFailures: looks))
        }
    }

    /// What Redis has of the run; see ``BusClient/record(of:)``.
    public func record() async throws -> RunRecord? { try await bus.record(of: id) }

    /// Asks for the run to be cancelled; see ``BusClient/cancel(_:reason:replyName:)``.
    public func cancel(reason: String? = nil) async throws { try await bus.cancel(id, reason: reason) }

    /// Sends the run a signal; see ``BusClient/signal(_:data:to:messageID:keep:replyName:)``.
    public func signal(_ name: String, data: some Encodable & Sendable, messageID: String? = nil) async throws {
        try await bus.signal(name, data: data, to: id, messageID: messageID)
    }

    /// Sends the run a signal whose data are JSON already, or `null`. See the first overload.
    public func signal(_ name: String, json data: JSONText = "null", messageID: String? = nil) async throws {
        try await bus.signal(name, json: data, to: id, messageID: messageID)
    }

    /// Lets the run go on that has failed, and waits for its next end.
    ///
    /// - Parameter limit: How long to wait; `nil` for as long as it takes.
    /// - Returns: The output.
    /// - Throws: ``ClientError`` when it cannot go on, or did not complete; `BusError`; `RedisError`; `CancellationError`.
    public func resume(within limit: Duration? = nil) async throws -> Output {
        try read(try await bus.resumeAndWait(id, within: limit))
    }
}
