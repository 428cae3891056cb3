import CanoRedis

/// What must be known of a run before it can be asked for.
struct ClaimCandidate: Sendable {
    let run: String
    let workflow: String
    /// Nil for a run that has not begun and may begin in any.
    let version: String?
    let epoch: Int
    let recoveries: Int
    let traceparent: String

    /// The fields to read.
    static let fields = ["workflow", "version", "epoch", "recoveries", "traceparent"]

    /// Reads their values; nil when there is no such run, or its record was damaged.
    init?(_ run: String, _ values: [RESPBytes?]) {
        let values = values.map { $0.map(RESPValue.bulk) ?? .null }
        guard values.count == Self.fields.count, let workflow = values[0].string, let epoch = values[2].integerValue,
            (0..<(1 << 53)).contains(epoch)
        else { return nil }
        self.run = run
        self.workflow = workflow
        version = values[1].string
        self.epoch = Int(epoch)
        recoveries = Int(min(max(values[3].integerValue ?? 0, 0), 1 << 32))
        traceparent = TraceContext(parent: values[4].string, state: nil).parent
    }
}
