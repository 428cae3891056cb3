import CanoRedis

/// A run's record as it is in Redis.
struct RunRecord: Sendable {
    enum Status: String, Sendable {
        case scheduled, running, completed, failed, cancelled

        var isOver: Bool { self != .scheduled && self != .running }
    }

    let status: Status
    let workflow: String
    /// Nil for a run that has not begun and may begin in any.
    let version: String?
    let state: String
    let epoch: Int
    let bridge: String
    let events: Int
    let rows: Int
    let recoveries: Int
    let input: String
    /// The names the terminal event is sent to, separated by commas.
    let replyNames: String
    let trace: TraceContext
    /// Milliseconds since 1970, as all its moments.
    let started: Int64?
    /// When the run has to be over.
    let deadline: Int64?
    /// How long it may take from each start or resume on, in milliseconds.
    let timeout: Int64?
    /// Whether the run has failed and can go on.
    let isResumable: Bool
    /// Why somebody asked for it to be cancelled.
    let cancellation: String?

    /// Reads what `HGETALL` gives.
    ///
    /// - Returns: Nil when there is no such record.
    /// - Throws: ``BridgeError`` with the code `unreadableRun` when what is there is not a run's record.
    init?(_ fields: [(field: RESPBytes, value: RESPBytes)], of run: String) throws(BridgeError) {
        guard !fields.isEmpty else { return nil }
        let texts = [String: String](hash: fields)
        // What a script can count; nothing that follows overflows.
        func number(_ name: String) -> Int? {
            texts[name].flatMap { Int($0) }.flatMap { (0..<(1 << 53)).contains($0) ? $0 : nil }
        }
        guard let status = texts["status"].flatMap(Status.init), let workflow = texts["workflow"], let epoch = number("epoch"),
            let events = number("events"), let rows = number("rows")
        else {
            throw BridgeError(.unreadableRun, "The record of the run \"\(run)\" was damaged: some of its fields are missing or no numbers.")
        }
        self.status = status
        self.workflow = workflow
        version = texts["version"]
        state = texts["state"] ?? ""
        self.epoch = epoch
        bridge = texts["bridge"] ?? ""
        self.events = events
        self.rows = rows
        recoveries = number("recoveries") ?? 0
        input = texts["input"] ?? "null"
        replyNames = texts["reply_to"] ?? ""
        trace = TraceContext(parent: texts["traceparent"], state: texts["tracestate"])
        started = number("started").map(Int64.init)
        deadline = number("deadline").map(Int64.init)
        timeout = number("timeout_ms").map(Int64.init)
        isResumable = texts["resumable"] == "1"
        cancellation = texts["cancel"]
    }
}
